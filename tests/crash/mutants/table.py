"""The mutants: what each breaks, and the test that must notice it.

To add one: a name, what it would mean for people, (file, text, other) as often as needed, the
catcher as mutants.py knows it. The text must stand once in its file.
"""

import collections

Mutant = collections.namedtuple("Mutant", "name words edits catcher")

MUTANTS = []


def mutant(name, words, catcher, *edits):
    MUTANTS.append(Mutant(name, words, edits, catcher))


# ---- Acknowledged is on the disk.

mutant(
    "nosync", "LMDB does not sync its commits", "power-cut 300",
    ("engine/store/tables.c", "folder, MDB_NOTLS, 0600", "folder, MDB_NOTLS | MDB_NOSYNC, 0600"),
)
mutant(
    "nometasync", "LMDB does not sync the page that says where its root is", "power-cut 300",
    ("engine/store/tables.c", "folder, MDB_NOTLS, 0600",
     "folder, MDB_NOTLS | MDB_NOMETASYNC, 0600"),
)
mutant(
    "reply-before-commit", "the gate is open", "simulate 100",
    ("engine/run/wheel.c", "if (batch <= wheel->durable_batch)", "if (batch < UINT64_MAX)"),
)
mutant(
    "folder-unsynced", "the store's new folder is not synced before it gets its name",
    "power-cut 300",
    ("engine/store/create.c", "return result == 0 ? disk_sync(making->folder) : result;",
     "return result;"),
)
mutant(
    "parent-unsynced", "the name of a new store is not synced", "power-cut 300",
    ("engine/store/create.c", "result = disk_sync(making->parent);", "result = 0;"),
)
mutant(
    "files-unsynced", "the files of a new store are not synced", "power-cut 300",
    ("engine/store/create.c", "i < file_count && result == 0; i++)\n        result = disk_sync",
     "i < file_count && result < 0; i++)\n        result = disk_sync"),
)
mutant(
    "opening-unsynced", "what a killed process left in the page cache is told as if durable",
    "unit store/failures",
    ("engine/store/store.c",
     "        result = disk_sync(text_printf(store->arena, \"%s/%s\", path, names[i]).bytes);",
     "        result = 0 * (int)strlen(text_printf(store->arena, \"%s\", path).bytes);"),
)
mutant(
    "failed-commit-ignored", "a commit that failed is told as done", "unit store/failures",
    ("engine/store/commit.c", "return told_failure(store, batch, result);",
     "result = 0 * told_failure(store, batch, result);"),
)
mutant(
    "failed-commit-survived", "the daemon goes on after a commit that failed",
    "faults fdatasync,pwrite64",
    ("engine/daemon/writer.c", "    _exit(EXIT_COMMIT_FAILED);", "    (void)EXIT_COMMIT_FAILED;"),
)
mutant(
    "write-after-failure", "a store whose commit failed takes another", "unit store/failures",
    ("engine/store/commit.c", "    CHECK(!store->failed);\n", ""),
)

# ---- Never half a transition.

mutant(
    "horizon-too-high", "recovery leaves out entries that no snapshot has", "simulate 100",
    ("engine/run/memory/cases.c",
     "return cases->dirty_first ? cases->dirty_first->dirty_since - 1 : last_seq;",
     "(void)cases;\n    return last_seq;"),
)
mutant(
    "snapshot-without-card", "lists show a case as it was before", "unit store/commits",
    ("engine/store/commit.c", "        if (result == 0)\n            result = record_put(commit->store"
     ", commit->txn, TABLE_CARD", "        if (result != 0)\n            result = record_put("
     "commit->store, commit->txn, TABLE_CARD"),
)
mutant(
    "gap-in-the-journal", "a batch that does not follow the journal's end is taken",
    "unit store/failures",
    ("engine/store/commit.c", "        CHECK(batch->entries[i].seq == last + 1 + i);\n",
     "        (void)batch;\n"),
)

# ---- Damage is told.

mutant(
    "generation-unchecked", "a card put back to an older state is believed", "unit store/damage",
    ("engine/store/case.c", "card_generation != generation ? -EBADMSG : result",
     "card_generation == ~generation ? -EBADMSG : result"),
)
mutant(
    "aad-without-key", "a record moved to another place opens there", "unit vault/records",
    ("engine/vault/record.c", "    bound_add(bound, place->key, place->key_size);\n", ""),
)
mutant(
    "aad-without-table", "a record moved to another table opens there", "unit vault/records",
    ("engine/vault/record.c", "    bound_add(bound, place->table, strlen(place->table));\n", ""),
)
mutant(
    "aad-without-store", "a record of another store opens", "unit vault/records",
    ("engine/vault/record.c", "    bound_add(bound, vault->store_id, sizeof(vault->store_id));\n",
     "    (void)vault;\n"),
)
mutant(
    "aad-without-header", "a record's generation can be changed", "unit vault/records",
    ("engine/vault/record.c", "    bound_add(bound, header, sizeof(*header));\n",
     "    (void)header;\n"),
)
mutant(
    "fact-mac-unchecked", "a horizon that a flipped bit has made is believed", "unit store/damage",
    ("engine/store/record.c",
     "if (memcmp((const uint8_t *)value.mv_data + size, fact.mac, sizeof(fact.mac)) != 0)",
     "if (value.mv_size == 0)"),
)
mutant(
    "head-unwritten", "a store that forgot its last commit opens", "unit store/head",
    ("engine/store/commit.c", "    if (batch->entry_count > 0)\n        tell_head",
     "    if (batch->entry_count == SIZE_MAX)\n        tell_head"),
)
mutant(
    "head-unread", "a store that forgot its last commit opens", "unit store/head",
    ("engine/store/head.c", "return result == 0 && last_seq < *told_out ? -EBADMSG : result;",
     "return result == 0 && last_seq == UINT64_MAX ? -EBADMSG : result;"),
)
mutant(
    "journal-uncounted", "a missing entry is not missed", "unit store/damage",
    ("engine/store/facts.c", "if (result < 0 || stat.ms_entries == last)",
     "if (result < 0 || stat.ms_entries <= last)"),
)
mutant(
    "cards-uncounted", "a lost card is not missed", "unit store/damage",
    ("engine/store/case.c", "return cases.ms_entries != cards.ms_entries ? -EBADMSG : 0;",
     "return 0;"),
)

# ---- Keys.

mutant(
    "slots-once", "the slots file has one copy", "unit vault/slots",
    ("engine/vault/slots/slots.c", "% SLOTS_COPY_COUNT) * SLOTS_COPY_BYTES", "* 0) * SLOTS_COPY_BYTES"),
)
mutant(
    "slots-unsynced", "a new slot may be lost after it was told", "unit vault/slots",
    ("engine/vault/slots/slots.c", "if (result == 0 && fdatasync(fd) < 0)", "if (result == 0 && fd < 0)"),
)
mutant(
    "slots-over-unsynced", "a power cut after a kill takes both copies of the slots file",
    "unit vault/slots",
    ("engine/vault/slots/slots.c", "if (fd < 0 || fdatasync(fd) < 0)", "if (fd < 0)"),
)
mutant(
    "slots-mac-unchecked", "slots that somebody else wrote are believed", "unit vault/opening",
    ("engine/vault/slots/slots.c", "return crypto_equal(slots->mac, mac, sizeof(mac));", "return true;"),
)
mutant(
    "counter-nonces", "a restored backup uses a nonce twice", "unit vault/records",
    ("engine/vault/record.c",
     "vault->random.fill(vault->random.self, header.nonce, sizeof(header.nonce));",
     "static uint64_t count;\n    bytes_put_u64(header.nonce, ++count);"),
)
mutant(
    "padding-left-out", "a record's size tells its text's", "unit vault/records",
    ("engine/vault/record.c", "VAULT_PAD_BYTES - 1) / VAULT_PAD_BYTES * VAULT_PAD_BYTES;",
     "0);"),
)

mutant(
    "commitment-unchecked", "a key that is another case's opens", "unit vault/keys",
    ("engine/vault/tree/tree.c",
     "if (crypto_equal(expected, wrapped->commitment, sizeof(expected)))",
     "if (expected[0] == wrapped->commitment[0] || true)"),
)

mutant(
    "epoch-outlives-its-end", "a key that was destroyed is still in the slots file",
    "unit vault/epochs",
    ("engine/vault/tree/epochs.c", "memset(&slots.epochs[i], 0, sizeof(slots.epochs[i]));",
     "bytes_put_u32(slots.epochs[i].state, SLOTS_EPOCH_RETIRED);"),
)
mutant(
    "epoch-in-one-copy", "a new epoch is lost with one copy of the slots file",
    "unit vault/epochs",
    ("engine/vault/tree/epochs.c", "slots_write_both(vault->slots_path, &slots, moment->mac)",
     "slots_write(vault->slots_path, &slots, moment->mac)"),
)

# ---- What people were told, and what plugins did.

mutant(
    "repeat-carried-out", "a request that is repeated happens twice", "simulate 100",
    ("engine/case/keys.c", "    return KEY_REPEATED;", "    return KEY_NEW;"),
)
mutant(
    "key-of-anybody", "one person's key answers for another's request", "unit case/keys",
    ("engine/case/keys.c",
     " ||\n        !text_equal(value_text_at(kept, \"by\"), event->person->id))", ")"),
)
mutant(
    "clock-back", "an entry is stamped before the one in front of it", "simulate 100",
    ("engine/run/clock.c", "return now_ms > wheel->last_ms ? now_ms : wheel->last_ms;",
     "return now_ms;"),
)
mutant(
    "newest-time-unread", "after a start the clock may be behind the newest entry",
    "simulate 100",
    ("engine/run/clock.c", "wheel->last_ms = wheel->seen_ms = value_int_at(&entry, \"at\", 0);",
     "wheel->last_ms = wheel->seen_ms = 0 * value_int_at(&entry, \"at\", 0);"),
)
mutant(
    "step-before-commit", "a plugin acts for an entry that may never be", "simulate 200",
    ("engine/run/calls.c", """    if (gate)
        batch_add_effect(gate, EFFECT_CALL)->call = call->number;""",
     """    if (gate && call->frame.verb == RUN_CHECK)
        batch_add_effect(gate, EFFECT_CALL)->call = call->number;"""),
)
mutant(
    "outcome-twice", "what a step did is taken twice", "simulate 100",
    ("engine/case/admit.c", """    turn->step = case_call_step(turn, turn->event->name);
    if (turn->step == NULL)
        plan->kind = CASE_DROP;
    return""", """    turn->step = case_call_step(turn, turn->event->name);
    if (turn->step == NULL)
        turn->step = turn->workflow->steps;
    (void)plan;
    return"""),
)
mutant(
    "start-unwritten", "what may run only once is run again after a crash", "simulate 100",
    ("engine/run/calls.c", "if (call->start == START_MADE || !type || type->is_idempotent)",
     "if (call->start != START_ASKED || !type || type->is_idempotent)"),
)
mutant(
    "lost-run-again", "a step whose outcome was lost is run again by itself", "unit run/calls",
    ("engine/run/calls.c", "    if (wanted->is_started)\n        lose(wheel, call);",
     "    if (wanted->is_started && !one)\n        lose(wheel, call);"),
)
mutant(
    "poison-run-for-ever", "an input that breaks its host is run again and again",
    "unit case/settle",
    ("engine/case/work/breaks.c", "enum { BREAKS_MAX = 2,", "enum { BREAKS_MAX = 200,"),
)

# ---- What a plugin may send.

mutant(
    "parcel-unsealed", "memory that a plugin can still change is read as its answer",
    "unit wire/parcel",
    ("engine/wire/parcel.c", "if ((seals & SEALS) != SEALS)", "if ((seals & SEALS) == 0)"),
)
mutant(
    "parcel-of-another-size", "a body is read that is larger than its head says",
    "unit wire/parcel",
    ("engine/wire/parcel.c", "facts.st_size != (off_t)size)", "facts.st_size < (off_t)size)"),
)
mutant(
    "parcel-left-open", "what a plugin sends stays open in the daemon", "unit wire/parcel",
    ("engine/wire/parcel.c", "        fault = copy_from(fd, body_out, size);\n    close(fd);",
     "        fault = copy_from(fd, body_out, size);\n    if (fault == NULL)\n        close(fd);"),
)
mutant(
    "parcel-second-left-open", "of two descriptors one stays open", "unit wire/parcel",
    ("engine/wire/parcel.c", "        else\n            close(fd);", "        else if (i == 0)\n            close(fd);"),
)
mutant(
    "parcel-beside-a-small-frame", "a descriptor beside a small frame is nobody's",
    "unit wire/parcel",
    ("engine/wire/inbox.c", "return count == 0 ? NULL : ", "return count <= 1 ? NULL : "),
)
mutant(
    "parcel-left-out", "a large body is taken from the stream", "unit wire/parcel",
    ("engine/wire/inbox.c",
     "bool is_parcel = parcel_is_due((size_t)size - WIRE_HEAD_BYTES);\n    const",
     "bool is_parcel = inbox->parcel_count > 0 && parcel_is_due((size_t)size - "
     "WIRE_HEAD_BYTES);\n    const"),
)

# ---- People who approve.

mutant(
    "approvals-counted-twice", "one person is two approvers", "unit case/proposals",
    ("engine/case/consent/proposals.c",
     "value_set(&approvals, text_copy(turn->arena, turn->person->person), act);",
     "value_set(&approvals, text_printf(turn->arena, \"%llu\", (unsigned long long)"
     "turn->event->seq), act);"),
)
mutant(
    "own-proposal-approved", "whoever submits approves alone", "unit case/proposals",
    ("engine/case/consent/approvers.c",
     "if (approval->excludes_submitter && text_equal(person,",
     "if (approval->excludes_submitter && person.size == 0 && text_equal(person,"),
)
mutant(
    "proposal-carried-twice", "what was approved once happens twice", "unit case/carried",
    ("engine/case/consent/carry.c",
     "    case_proposal_end(turn, turn->proposal, \"carried\", NULL);\n", ""),
)
mutant(
    "proposal-outlives-change", "what people approved is no longer what is done",
    "unit case/proposals",
    ("engine/case/consent/proposals.c",
     "if ((old == NULL) != (new == NULL) || (old != NULL && !value_equal(old, new)))",
     "if ((old == NULL) != (new == NULL) && old == new)"),
)
mutant(
    "proposal-outlives-state", "a proposal of a state that was left is carried out",
    "unit case/carried",
    ("engine/case/consent/proposals.c",
     "return visit == NULL || visit->integer != value_int_at(proposal, \"visit\", 0);",
     "return visit == NULL;"),
)

# ---- The tree.

mutant(
    "leaf-of-nothing", "an entry is in the journal and not in its tree", "unit store/checkpoints",
    ("engine/store/commit.c", "merkle_add(commit->store->edge, &leaf, tiles_put, &tiles);",
     "merkle_add(commit->store->edge, &(struct merkle_hash){{0}}, tiles_put, &tiles);"),
)
mutant(
    "checkpoint-unsigned", "a checkpoint that somebody else wrote is believed",
    "unit store/checkpoints",
    ("engine/store/tree/note.c",
     "    return sign_is_genuine(key->public_key, message.bytes, message.size, bytes);",
     "    return message.size > 0 || sign_is_genuine(key->public_key, message.bytes, 0, bytes);"),
)
mutant(
    "root-uncompared", "a history that is another than the signed one is told as whole",
    "unit store/checkpoints",
    ("engine/store/tree/checkpoints.c",
     "if (result == 0 && memcmp(&root, &note.checkpoint.root, sizeof(root)) != 0)",
     "if (result != 0 && memcmp(&root, &note.checkpoint.root, sizeof(root)) != 0)"),
)
mutant(
    "proof-unchecked", "a proof of an entry that was changed is given out",
    "unit store/checkpoints",
    ("engine/store/tree/audit.c",
     "    if (!merkle_check_leaf(&proving->proof, &leaf, number, checkpoint->size, "
     "&checkpoint->root))\n        result = -EBADMSG;\n", "    (void)leaf;\n"),
)
mutant(
    "growth-of-any-history", "another history passes as a longer one of the same",
    "unit store/tree",
    ("engine/store/tree/proof.c", "    return memcmp(a, b, sizeof(*a)) == 0;",
     "    return a == NULL || b != NULL;"),
)

mutant(
    "freed-by-nobody", "LMDB gives a page away twice, and ends by an assertion", "unit store/walk",
    ("engine/store/walk/walk.c", "if (commit == 0 || commit > walker->result->txn)",
     "if (commit == UINT64_MAX)"),
)
mutant(
    "slots-loose", "whoever has copied the file that passphrases are tried on is not told of",
    "unit store/modes",
    ("engine/store/modes.c", "{STORE_SLOTS_FILE, OTHERS, true}", "{STORE_SLOTS_FILE, OTHERS, false}"),
)

# ---- Gone is gone.

mutant(
    "erased-by-nobody", "the key of an erased case stays", "simulate 100",
    ("engine/store/commit.c", "        result = erase_case(commit->store, commit->txn, "
     "&batch->erasures[i], batch->erased_seq);", "        result = 0;"),
)
mutant(
    "stone-unproven", "a stone that somebody else laid is believed", "unit store/damage",
    ("engine/store/erase.c", "return memcmp(&stone, &genuine, sizeof(stone)) == 0 ? -EIDRM "
     ": -EBADMSG;", "return memcmp(stone.seq, genuine.seq, 8) == 0 ? -EIDRM : -EBADMSG;"),
)
mutant(
    "epoch-stays", "the key that an erased case's key was wrapped by is still there",
    "power-cut 300",
    ("engine/run/long/erase.c", "    wheel->filling->begins_epoch = true;\n", ""),
)
mutant(
    "erasure-told-early", "an erasure is told before it is durable", "unit run/erase",
    ("engine/run/long/certificate.c",
     "    wheel_reply(wheel, queued, read_newest_batch(wheel), &reply);",
     "    wheel_reply(wheel, queued, 0, &reply);"),
)
mutant(
    "proof-of-another", "a certificate is proven by the entry of another erasure",
    "unit store/certificate",
    ("engine/store/tree/certificate.c",
     "memcmp(&proof->leaf, &file->certificate.leaf, sizeof(proof->leaf)) == 0 &&", "true &&"),
)
mutant(
    "aside-entry-forgotten",
    "once a damaged case is erased, an entry of it that says nothing keeps the daemon from starting",
    "unit run/aside",
    ("engine/run/recover.c", "quarantine_note(&wheel->quarantine, &id, seq);",
     "quarantine_note(&wheel->quarantine, &id, 0);"),
)
mutant(
    "end-told-early", "long work is told to be over before its entry is durable",
    "unit run/operations",
    ("engine/run/long/operations.c", "wheel_reply(wheel, queued, operation->batch, &reply);",
     "wheel_reply(wheel, queued, 0, &reply);"),
)
mutant(
    "swap-unsynced", "the file with an erased case's records comes back after a power cut",
    "power-cut 300",
    ("engine/store/compact.c", "rename(path, store->data_path) < 0 ? -errno : "
     "disk_sync(store->folder);", "rename(path, store->data_path) < 0 ? -errno : 0;"),
)
mutant(
    "backup-unsynced", "a backup that was told of is gone after a power cut", "power-cut 300",
    ("engine/store/backup/make.c", "    return disk_sync(dirname(copy));", "    (void)copy;\n"
     "    return 0;"),
)
mutant(
    "backup-unfinished", "what is under a backup's name may be half of one", "power-cut 300",
    ("engine/store/backup/make.c", "if (result == 0 && fsync(making->fd) < 0)",
     "if (result == 0 && making->fd < 0)"),
)
mutant(
    "one-erases-alone", "whoever asks for an erasure approves it, too", "system erase",
    ("engine/case/care/erase.c", "    if (text_equal(value_text_at(asked, \"by\"), approver->id) ||"
     "\n        text_equal(value_text_at(asked, \"person\"), approver->person)) {",
     "    if (text_equal(value_text_at(asked, \"by\"), approver->id)) {"),
)
mutant(
    "uncompacted", "what was freed stays in the data file", "system residue",
    ("engine/store/commit.c", "        compact_copy(store);", "        (void)compact_copy;"),
)
mutant(
    "arenas-unwiped", "texts of an erased case stay in the daemon's memory", "system residue",
    ("engine/base/arena.c", "    explicit_bzero(block->bytes, block->used);", "    (void)block->used;"),
)
mutant(
    "words-unwiped", "what an erased case was searched by stays in memory", "system residue",
    ("engine/run/memory/index.c", "    wipe_free(one->words);", "    free(one->words);"),
)
mutant(
    "sounds-stay", "how an erased name sounds stays in memory", "unit run/index",
    ("engine/run/memory/index.c", "        if (sounding->count == 0) {",
     "        if (sounding->count == SIZE_MAX) {"),
)
mutant(
    "frames-unwiped", "what a plugin was given of an erased case stays in the daemon's memory",
    "system residue",
    ("engine/steps/call_queue.c", "    wipe_free(call);", "    free(call);"),
)
mutant(
    "replay-without-exports", "an exported case differs where nothing is wrong",
    "unit case/export",
    ("engine/case/again.c", '    {"release", CASE_RELEASE},\n', ""),
)

# ---- Put back.

mutant(
    "cases-uncompared", "a case that was put back to an older state is shown as if whole",
    "unit run/damage",
    ("engine/store/sums.c", "if (result < 0 || memcmp(both, told.mv_data, HALF_BYTES) == 0)",
     "if (result <= 0 || memcmp(both, told.mv_data, HALF_BYTES) == 0)"),
)
mutant(
    "others-uncompared", "codes of cases that were put back are given again", "unit store/sums",
    ("engine/store/sums.c", "        result = compare_others(store, txn);",
     "        (void)compare_others;"),
)
mutant(
    "sums-unbound", "an older state of all tables fits a newer journal", "unit store/sums",
    ("engine/store/sums.c", "    bytes_put_u64(bytes + 1, last_seq);", "    (void)last_seq;"),
)
mutant(
    "horizon-kept", "a case that was put back is put back again by the next crash",
    "unit store/sums",
    ("engine/store/commit.c", "store->horizon && store->differs_until == 0)", "store->horizon)"),
)

# ---- Clocks.

mutant(
    "clock-followed", "a year that somebody mistyped is that of every entry for ever",
    "unit run/wheel",
    ("engine/run/clock.c", "    if (!is_believed(wheel, now_ms))\n        return wheel->last_ms;\n", ""),
)

# ---- Who read, who may, what is told.

mutant(
    "read-told-early", "a case is shown before it is written down who saw it", "unit run/reads",
    ("engine/run/asked/read_log.c",
     "    if (window->batch > *batch)\n        *batch = window->batch;\n", "    (void)batch;\n"),
)
mutant(
    "read-of-anybody", "who reads what another has just read is not written down",
    "unit run/reads",
    ("engine/run/asked/read_log.c",
     "\"%d%s %.*s\", has_glass, what, TEXT_ARG(queued->asker.id));",
     "\"%d%s%.*s\", has_glass, what, 0 * (int)queued->asker.id.size, \"\");"),
)
mutant(
    "document-read-untold", "who fetches a document is not written down", "system reads",
    ("engine/run/asked/documents.c", "        answer(wheel, queued, one, what.bytes, &reply);",
     "        wheel_reply(wheel, queued, one->newest_batch + 0 * what.size, &reply);"),
)
mutant(
    "document-key-of-any-bytes", "another file under a key that was used is taken for the first",
    "system documents",
    ("engine/api/http/upload.c", "TEXT_ARG(upload->name), TEXT_ARG(upload->type), TEXT_ARG(sha256));",
     "TEXT_ARG(upload->name), TEXT_ARG(upload->type), 0 * (int)sha256.size, \"\");"),
)
mutant(
    "lost-chunk-untold", "a document whose end is gone is told as whole", "system documents",
    ("engine/run/asked/documents.c", "store_has_last_chunk(store, &entry->id, &own, last) != 1)",
     "store_has_last_chunk(store, &entry->id, &own, last) > 1)"),
)
mutant(
    "erased-documents-stay", "what an erased case's documents were lies in the store",
    "system documents",
    ("engine/run/long/erase.c", "        if (remove_documents(wheel)) {",
     "        if (wheel == NULL && remove_documents(wheel)) {"),
)
mutant(
    "erased-key-in-memory", "the data key of an erased case stays in the daemon",
    "system residue",
    ("engine/run/long/erase.c", "            vault_key_forget(store_vault(wheel->store), &id);",
     "            (void)id;"),
)
mutant(
    "glass-of-anybody", "glass that one person broke is broken for everybody", "system rights",
    ("engine/run/asked/rights.c",
     "            text_equal(mark->person, asker->id))\n            return true;",
     "            asker->id.size > 0)\n            return true;"),
)
mutant(
    "glass-for-ever", "broken glass never mends", "system rights",
    ("engine/run/asked/rights.c", "now_ms < mark->until_ms &&", "now_ms < INT64_MAX &&"),
)
mutant(
    "export-for-ever", "an export that was released once may be fetched for ever",
    "unit case/export",
    ("engine/case/care/export.c", "    if (value_int_at(released, \"until\", 0) < now_ms) {",
     "    if (value_int_at(released, \"until\", 0) < now_ms - now_ms) {"),
)
mutant(
    "leaver-keeps-cases", "cases of who has left are nobody's", "system rights",
    ("engine/run/asked/rights.c",
     "    return !known_holds(&wheel->known, holder, role, card->country);",
     "    return !known_holds(&wheel->known, holder, role, card->country) && wheel == NULL;"),
)
mutant(
    "feed-of-all", "the feed tells of cases that its reader may not see", "system feed",
    ("engine/run/asked/feed.c", ": card && !rights_see(wheel, &reading->queued->asker, card))",
     ": card && wheel == NULL && !rights_see(wheel, &reading->queued->asker, card))"),
)
mutant(
    "feed-ends-at-damage", "behind a damaged entry the feed tells nothing", "system quarantine",
    ("engine/run/asked/feed.c", "    reading->next = seq;\n    (void)store_read_one",
     "    (void)store_read_one"),
)
mutant(
    "ballast-for-work", "work takes the room that an erasure needs on a full disk",
    "unit store/ballast",
    ("engine/store/ballast.c", "    return store->ballast_is_held ? 0 : store->ballast_bytes;",
     "    return store->ballast_is_held ? 0 : store->ballast_bytes - store->ballast_bytes;"),
)
mutant(
    "codes-given-again", "after a restoring a lost case's code is another's", "system how_to",
    ("engine/daemon/restore.c", "    batch.meta_count = result == 0;", "    batch.meta_count = 0;"),
)
mutant(
    "erased-words-stay", "what an erased case was searched by stays in the index",
    "system residue",
    ("engine/run/long/erase.c", "    search_forget(wheel, &id);", "    (void)search_forget;"),
)
mutant(
    "erased-keep-waiting", "who waits for a case that is erased meanwhile never hears of it",
    "unit run/erase",
    ("engine/run/long/erase.c",
     "        if (queued->is_person)\n            erase_refuse(wheel, queued, erased);",
     "        if (queued->is_person && wheel == NULL)\n            erase_refuse(wheel, queued, erased);"),
)
mutant(
    "reads-take-the-reserve", "who reads on a full disk takes what an erasure needs",
    "unit run/reads",
    ("engine/run/asked/read_log.c", "store_has_room(wheel->store, READS_BYTES, false) == 0);",
     "store_has_room(wheel->store, 0 * READS_BYTES, false) == 0);"),
)
