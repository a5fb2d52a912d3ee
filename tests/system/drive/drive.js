// Brings a case of tests/system/rights.yaml from opening to closure with node's http: drive.js SOCKET
const http = require("http");
const crypto = require("crypto");

function ask(who, method, path, body) {
  const headers = {
    "Sankofa-As": who,
    "Content-Type": "application/json",
    "Idempotency-Key": crypto.randomBytes(16).toString("hex"),
  };
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: process.argv[2], method, path, headers }, (answer) => {
      let told = "";
      answer.on("data", (piece) => (told += piece));
      answer.on("end", () => {
        if (answer.statusCode < 400) resolve(JSON.parse(told));
        else reject(new Error(`${method} ${path}: ${told}`));
      });
    });
    request.on("error", reject);
    request.end(body && JSON.stringify(body));
  });
}

async function drive() {
  const { code } = await ask("awa", "POST", "/v1/cases", { workflow: "rights", data: { place: "Dakar" } });
  const path = `/v1/cases/${code}`;
  await ask("awa", "POST", `${path}/assign`, { person: "awa" });
  await ask("awa", "POST", `${path}/transitions/write`, { data: { name: "Awa Ba", age: 9 } });
  await ask("awa", "POST", `${path}/notes`, { text: "The uncle called." });
  await ask("binta", "POST", `${path}/transitions/end`, {});
  if (!(await ask("binta", "GET", path)).closed) throw new Error("it is not closed");
  console.log(code);
}

drive().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
