#!/usr/bin/env python3
"""Follows the public events of one division of a county, and prints each as a line of JSON.

    subscriber.py --server nats://127.0.0.1:4222 --user portal --seed portal.nk --division 620821101

The server remembers how far this user has read: started again, it goes on there. `--from 1` begins
anew at a sequence of the public stream. `--until-idle` ends when nothing more is there.
"""

import argparse
import asyncio
import json
import sys

import nats
from nats.errors import TimeoutError as NoAnswer

# How long an answer is waited for. A request that the user's permissions do not allow is never
# answered: the server drops it, and says so only to itself.
PATIENCE = 5.0


def prefix(division):
    """The subjects of a division: 620821101 -> weft.pub.v1.620821.101.>"""
    tokens = [division[:6]] + [division[at : at + 3] for at in range(6, len(division), 3)]
    return ".".join(["weft", "pub", "v1", *tokens, ">"])


async def ask(nc, subject, body):
    """One request to JetStream."""
    try:
        answer = await nc.request(subject, json.dumps(body).encode(), timeout=PATIENCE)
    except NoAnswer:
        sys.exit(f"no answer to {subject}: is it within what this user may do?")
    return json.loads(answer.data)


async def consumer(nc, stream, user, division, start):
    """Makes the user's one consumer, or finds it as it was."""
    wanted = {
        "name": user,
        "durable_name": user,
        "filter_subject": prefix(division),
        "ack_policy": "explicit",
        "deliver_policy": "all",
    }
    if start is not None:
        await ask(nc, f"$JS.API.CONSUMER.DELETE.{stream}.{user}", {})
        wanted |= {"deliver_policy": "by_start_sequence", "opt_start_seq": start}
    else:
        info = await ask(nc, f"$JS.API.CONSUMER.INFO.{stream}.{user}", {})
        if "error" not in info:
            return
    # The filter is part of the subject: that is how the server holds a user to a division.
    subject = f"$JS.API.CONSUMER.CREATE.{stream}.{user}.{wanted['filter_subject']}"
    made = await ask(nc, subject, {"stream_name": stream, "action": "create", "config": wanted})
    if "error" in made:
        sys.exit(f"the consumer is refused: {made['error']['description']}")


async def follow(options):
    stream = f"WEFT_PUBLIC_{options.division[:6]}"
    nc = await nats.connect(
        options.server,
        nkeys_seed=options.seed,
        name=options.user,
        # The only inbox that this user may listen to.
        inbox_prefix=f"_INBOX_{options.user}",
    )
    await consumer(nc, stream, options.user, options.division, options.start)
    events = await nc.jetstream().pull_subscribe_bind(consumer=options.user, stream=stream)
    while True:
        try:
            batch = await events.fetch(100, timeout=1.0 if options.until_idle else 30.0)
        except NoAnswer:
            if options.until_idle:
                break
            continue
        for event in batch:
            line = {
                "sequence": event.metadata.sequence.stream,
                "subject": event.subject,
                "headers": event.headers,
                "data": json.loads(event.data),
            }
            print(json.dumps(line, ensure_ascii=False), flush=True)
            # Only now: what was not printed comes again. Look at ce-id where that matters.
            await event.ack_sync() if options.until_idle else await event.ack()
    await nc.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True, help="such as nats://127.0.0.1:4222")
    parser.add_argument("--user", required=True, help="the name given to `weft nats users add`")
    parser.add_argument("--seed", required=True, help="the file of the user's seed")
    parser.add_argument("--division", required=True, help="county 6, township 9 or village 12 digits")
    parser.add_argument("--from", dest="start", type=int, help="a sequence of the public stream")
    parser.add_argument("--until-idle", action="store_true", help="end when nothing more is there")
    try:
        asyncio.run(follow(parser.parse_args()))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
