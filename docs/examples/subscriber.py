#!/usr/bin/env python3
"""Follows the public events that a user may read, and prints each as a line of JSON.

    subscriber.py --server nats://127.0.0.1:4222 --user portal --seed portal.nk --county 620821

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


# What stands before the API's subjects; what is asked by another way is not answered.
API = "WEFT.API"


async def start_at(nc, stream, user, sequence):
    """Has the consumer begin anew at a sequence of the public stream."""
    subject = f"{API}.CONSUMER.RESET.{stream}.{user}"
    try:
        answer = await nc.request(subject, json.dumps({"seq": sequence}).encode(), timeout=PATIENCE)
    except NoAnswer:
        sys.exit(f"no answer to {subject}: is it within what this user may do?")
    answer = json.loads(answer.data)
    if "error" in answer:
        sys.exit(f"the consumer is not reset: {answer['error']['description']}")


async def follow(options):
    stream = f"WEFT_PUBLIC_{options.county}"
    nc = await nats.connect(
        options.server,
        nkeys_seed=options.seed,
        name=options.user,
        # The only inbox that this user may listen to.
        inbox_prefix=f"_INBOX_{options.user}",
    )
    if options.start is not None:
        await start_at(nc, stream, options.user, options.start)
    # The consumer is there, under the user's name: Weft made it.
    context = nc.jetstream(prefix=API)
    events = await context.pull_subscribe_bind(consumer=options.user, stream=stream)
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
    parser.add_argument("--county", required=True, help="the six digits of the county's code")
    parser.add_argument("--from", dest="start", type=int, help="a sequence of the public stream")
    parser.add_argument("--until-idle", action="store_true", help="end when nothing more is there")
    try:
        asyncio.run(follow(parser.parse_args()))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
