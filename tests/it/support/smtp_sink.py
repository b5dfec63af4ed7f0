"""A mail server that keeps nothing: prints its port, then each letter as one line of JSON.

Arguments: how many letters to put off (451) first, and `refuse` to refuse (550) the rest.
"""

import email
import email.policy
import json
import sys
import threading

from aiosmtpd.controller import UnthreadedController
import asyncio


class Sink:
    def __init__(self, put_off, refuse):
        self.put_off = put_off
        self.refuse = refuse

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = letter.get_body(("plain",)).get_content()
        if self.put_off > 0:
            self.put_off -= 1
            return "451 4.3.0 later"
        if self.refuse:
            link = next((word for word in text.split() if "://" in word), "")
            return f"550 5.7.1 not this one: {link}"
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": letter["subject"],
            "text": text,
            "html": letter.get_body(("html",)).get_content(),
        }), flush=True)
        return "250 2.0.0 taken"


def main():
    put_off = int(sys.argv[1])
    refuse = "refuse" in sys.argv[2:]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    controller = UnthreadedController(
        Sink(put_off, refuse), hostname="127.0.0.1", port=0, loop=loop, server_hostname="sink")
    controller.begin()
    print(controller.server.sockets[0].getsockname()[1], flush=True)
    # The test's end closes our input.
    threading.Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(loop.stop))).start()
    loop.run_forever()


main()
