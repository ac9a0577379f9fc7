"""Twilio's quickstart for Conversations with Twilio's own library, on the emulator: at its own URL, or without changes through its proxy."""
import json
import os

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

BASE = os.environ.get("TWILIO_BASE_URL")


class EmulatorClient(TwilioHttpClient):
    """Sends every request to the emulator, which has one path for each host of Twilio."""

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://", f"{BASE}/"), *args, **kwargs)


credentials = (os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"])
client = Client(*credentials, http_client=EmulatorClient()) if BASE else Client(*credentials)
offer = client.available_phone_numbers("US").local.list(sms_enabled=True, limit=1)[0]
number = client.incoming_phone_numbers.create(phone_number=offer.phone_number)
service = client.conversations.v1.services.create(friendly_name="Support")
conversations = client.conversations.v1.services(service.sid).conversations
conversation = conversations.create(friendly_name="My First Conversation", unique_name="hello")
participants = conversations(conversation.sid).participants
phone = participants.create(messaging_binding_address="+15558675310", messaging_binding_proxy_address=number.phone_number)
person = participants.create(identity="testPineapple")
message = conversations(conversation.sid).messages.create(author="testPineapple", body="Ahoy!")
try:
    participants.create(identity="testPineapple")
    refusal = None
except TwilioRestException as error:
    refusal = error.code

print(
    json.dumps(
        {
            "number": number.sid,
            "service": service.sid,
            "conversation": conversation.sid,
            "participants": sorted(one.sid for one in participants.list()) == sorted([phone.sid, person.sid]),
            "messages": [[one.author, one.body] for one in conversations(conversation.sid).messages.list()],
            "message": message.sid,
            "byName": conversations("hello").fetch().sid,
            "refusal": refusal,
        }
    )
)
