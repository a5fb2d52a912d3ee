#!/usr/bin/env python3
"""`sankofa workflow diff`, `draw` and `schema`, over the workflows that are shipped."""

import json
import unittest
from xml.etree import ElementTree

from daemon import ROOT
from workflow_tools import FolderTest, sankofa

BASE = "workflows/ecowas/child-return.yaml"
COUNTRY = "workflows/ecowas/guinea-bissau.yaml"
SVG = "{http://www.w3.org/2000/svg}"


class Diff(FolderTest):
    def test_two_files_are_compared_and_a_difference_is_no_failure(self):
        changed = self.write(
            "changed.yaml",
            (ROOT / BASE).read_text(encoding="utf-8").replace('version: "1"', 'version: "2"', 1),
        )
        done = sankofa("workflow", "diff", BASE, changed)
        self.assertIn('~ the version is now "2" (was "1")', done.stdout)
        self.assertEqual(done.stderr, "0 added, 0 removed, 1 changed\n")
        document = json.loads(sankofa("workflow", "diff", BASE, changed, "--json").stdout)
        self.assertEqual([one["key"] for one in document["changes"]], ["version"])
        same = sankofa("workflow", "diff", BASE, BASE)
        self.assertEqual((same.stdout, same.stderr), ("", "nothing that runs differs\n"))

    def test_an_overlay_is_compared_as_it_runs(self):
        done = sankofa("workflow", "diff", BASE, COUNTRY, "--lang", "fr")
        self.assertIn("La procédure\n", done.stdout)
        self.assertIn("guinea-bissau.yaml:", done.stdout)

    def test_what_cannot_be_compared_is_told(self):
        bad = self.write("bad.yaml", "workflow: bad\nstates: {x: {titel: X}}\n")
        self.assertIn("[E101]", sankofa("workflow", "diff", BASE, bad, status=3).stdout)
        done = sankofa("workflow", "diff", BASE, self.folder / "none.yaml", status=2)
        self.assertIn("cannot be read", done.stderr)


class Draw(FolderTest):
    def picture(self, *words):
        return ElementTree.fromstring(sankofa("workflow", "draw", *words).stdout)

    def test_each_state_of_a_shipped_workflow_has_its_box_and_each_link_leads_to_one(self):
        for path in (BASE, COUNTRY):
            root = self.picture(path, "--lang", "pt")
            boxes = {box.get("id") for box in root.iter(SVG + "g")}
            links = {link.get("href") for link in root.iter(SVG + "a")}
            self.assertGreater(len(boxes), 90)
            self.assertGreater(len(links), 40)
            self.assertLessEqual(links, {"#" + box for box in boxes})
            self.assertIn("Prazo: 3wd", {text.text for text in root.iter(SVG + "text")})

    def test_graphviz_gets_dot(self):
        dot = sankofa("workflow", "draw", BASE, "-o", "dot").stdout
        self.assertTrue(dot.startswith('digraph "child-return" {'))
        self.assertIn('subgraph "cluster_safety"', dot)

    def test_what_cannot_be_drawn_is_told(self):
        done = sankofa("workflow", "draw", BASE, "-o", "png", status=2)
        self.assertEqual(done.stdout, "")
        self.assertIn('There is no kind of picture "png".', done.stderr)
        bad = self.write("bad.yaml", "workflow: bad\nstates: {x: {titel: X}}\n")
        done = sankofa("workflow", "draw", bad, status=3)
        self.assertIn("[E101]", done.stdout)
        self.assertNotIn("<svg", done.stdout)
        sankofa("workflow", "draw", self.folder / "none.yaml", status=2)


class Schema(unittest.TestCase):
    def test_the_committed_copy_is_what_is_printed(self):
        self.assertEqual(
            sankofa("workflow", "schema").stdout,
            (ROOT / "contrib/workflow.schema.json").read_text(encoding="utf-8"),
        )


if __name__ == "__main__":
    unittest.main()
