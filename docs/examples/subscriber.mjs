#!/usr/bin/env node
// Follows the public events that a user may read, and prints each as a line of JSON.
//
//     subscriber.mjs --server nats://127.0.0.1:4222 --user portal --seed portal.nk --county 620821
//
// The server remembers how far this user has read: started again, it goes on there. `--from 1` begins
// anew at a sequence of the public stream. `--until-idle` ends when nothing more is there.
//
// It needs the packages of package.json beside it: npm ci --ignore-scripts.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";

// What stands before the API's subjects; what is asked by another way is not answered.
const API = "WEFT.API";

const { values: options } = parseArgs({
  options: {
    server: { type: "string" },
    user: { type: "string" },
    seed: { type: "string" },
    county: { type: "string" },
    from: { type: "string" },
    "until-idle": { type: "boolean", default: false },
  },
});
for (const name of ["server", "user", "seed", "county"]) {
  if (!options[name]) {
    console.error(`say --${name}: the beginning of this file shows how`);
    process.exit(2);
  }
}

// Found beside this file, or where NODE_PATH says.
const require = createRequire(import.meta.url);
const { connect, nkeyAuthenticator } = require("@nats-io/transport-node");
const { jetstream } = require("@nats-io/jetstream");

const stream = `WEFT_PUBLIC_${options.county}`;
const seed = new TextEncoder().encode(readFileSync(options.seed, "utf8").trim());
const nc = await connect({
  servers: options.server,
  authenticator: nkeyAuthenticator(seed),
  name: options.user,
  // The only inbox that this user may listen to.
  inboxPrefix: `_INBOX_${options.user}`,
});

if (options.from !== undefined) {
  const subject = `${API}.CONSUMER.RESET.${stream}.${options.user}`;
  const answer = await nc.request(subject, JSON.stringify({ seq: Number(options.from) }));
  const { error } = answer.json();
  if (error) {
    console.error(`the consumer is not reset: ${error.description}`);
    process.exit(1);
  }
}

// The consumer is there, under the user's name: Weft made it.
const consumer = await jetstream(nc, { apiPrefix: API }).consumers.get(stream, options.user);
const until_idle = options["until-idle"];
for (;;) {
  let came = 0;
  const batch = await consumer.fetch({ max_messages: 100, expires: until_idle ? 1_000 : 30_000 });
  for await (const event of batch) {
    came += 1;
    const headers = {};
    for (const name of event.headers?.keys() ?? []) {
      headers[name] = event.headers.get(name);
    }
    const { subject } = event;
    console.log(JSON.stringify({ sequence: event.seq, subject, headers, data: event.json() }));
    // Only now: what was not printed comes again. Look at ce-id where that matters.
    if (until_idle) {
      await event.ackAck();
    } else {
      event.ack();
    }
  }
  if (until_idle && came === 0) {
    break;
  }
}
await nc.close();
