"""The official Python SDK, unmodified, against feishu-sim. Usage: python_sdk.py READY-JSON"""

import hashlib
import http.server
import io
import json
import queue
import sys
import threading
import time
import urllib.request

import lark_oapi as lark
from lark_oapi.api.auth.v3 import (
    InternalAppAccessTokenRequest,
    InternalAppAccessTokenRequestBody,
    InternalTenantAccessTokenRequest,
    InternalTenantAccessTokenRequestBody,
)
from lark_oapi.api.authen.v1 import (
    CreateRefreshAccessTokenRequest,
    CreateRefreshAccessTokenRequestBody,
    GetUserInfoRequest,
)
from lark_oapi.api.im.v1 import (
    CreateMessageRequest,
    CreateMessageRequestBody,
    PatchMessageRequest,
    PatchMessageRequestBody,
)
from lark_oapi.api.minutes.v1 import (
    ArtifactsMinuteRequest,
    GetMinuteMediaRequest,
    GetMinuteRequest,
    GetMinuteStatisticsRequest,
    GetMinuteTranscriptRequest,
    MinutesFilter,
    SearchMinuteRequest,
    SearchMinuteRequestBody,
    SubscriptionMinuteRequest,
    SubscriptionMinuteRequestBody,
    UnsubscriptionMinuteRequest,
    UnsubscriptionMinuteRequestBody,
)
from lark_oapi.api.vc.v1 import (
    GetMeetingListRequest,
    GetMeetingRecordingRequest,
    GetMeetingRequest,
    ListByNoMeetingRequest,
    MeetingFilter,
    SearchMeetingRequest,
    SearchMeetingRequestBody,
)
from lark_oapi.core.model import RawRequest

from control import order, see

MINUTE = "obcnsdksdksdksdksdksdksd"
MEETING = "6911188411934433028"

ready = json.loads(sys.argv[1])
base = ready["api_base"]
open_ids = {user["name"]: user["open_id"] for user in ready["users"]}
tokens = {name: order(base, f"/people/{open_id}/tokens")["access_token"] for name, open_id in open_ids.items()}
client = (
    lark.Client.builder()
    .app_id(ready["app_id"])
    .app_secret(ready["app_secret"])
    .domain(base)
    .enable_set_token(True)
    .build()
)


def same(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} is not {wanted!r}")


def user(name="王芳"):
    return lark.RequestOption.builder().user_access_token(tokens[name]).build()


def tenant():
    body = (
        InternalTenantAccessTokenRequestBody.builder()
        .app_id(ready["app_id"])
        .app_secret(ready["app_secret"])
        .build()
    )
    answer = client.auth.v3.tenant_access_token.internal(
        InternalTenantAccessTokenRequest.builder().request_body(body).build()
    )
    same(answer.code, 0, "tenant token")
    token = json.loads(answer.raw.content)["tenant_access_token"]
    return lark.RequestOption.builder().tenant_access_token(token).build()


def data(answer, what):
    same(answer.code, 0, f"{what} ({answer.msg})")
    return answer.data


def minutes():
    truth = see(base, f"/minutes/{MINUTE}")
    api = client.minutes.v1
    minute = data(api.minute.get(GetMinuteRequest.builder().minute_token(MINUTE).build(), user()), "get").minute
    same(minute.token, MINUTE, "token")
    same(minute.title, "产品周会", "title")
    same(minute.owner_id, open_ids["王芳"], "owner_id")
    same(minute.create_time, str(truth["created_ms"]), "create_time")
    same(minute.duration, "20000", "duration")

    media = data(api.minute_media.get(GetMinuteMediaRequest.builder().minute_token(MINUTE).build(), user("李娜")), "media")
    with urllib.request.urlopen(media.download_url, timeout=10) as answer:
        body = answer.read()
    same(len(body), truth["file"]["bytes"], "media bytes")
    same(hashlib.sha256(body).hexdigest(), truth["file"]["sha256"], "media hash")

    request = (
        GetMinuteTranscriptRequest.builder()
        .minute_token(MINUTE)
        .need_speaker(True)
        .need_timestamp(True)
        .file_format("srt")
        .build()
    )
    transcript = api.minute_transcript.get(request, user())
    same(transcript.code, 0, "transcript")
    same(
        io.TextIOWrapper(transcript.file, "utf-8").read(),
        "1\n00:00:00,000 --> 00:00:04,000\n王芳: 第一句\n\n2\n00:00:04,000 --> 00:00:08,000\n王芳: Second line\n\n",
        "transcript",
    )
    same(transcript.file_name, f"{MINUTE}.srt", "transcript file name")

    products = data(api.minute.artifacts(ArtifactsMinuteRequest.builder().minute_token(MINUTE).build(), user()), "artifacts")
    same(products.summary, truth["artifacts"]["summary"], "summary")
    same([chapter.title for chapter in products.minute_chapters], ["进度回顾", "下一步"], "chapters")
    same(products.minute_chapters[1].start_ms, "10000", "chapter start")
    same(products.minute_todos[0].assignees, ["张伟"], "assignees")

    request = GetMinuteStatisticsRequest.builder().minute_token(MINUTE).build()
    statistics = data(api.minute_statistics.get(request, user()), "statistics").statistics
    same((statistics.user_view_count, statistics.page_view_count), ("1", "1"), "views")
    same(statistics.user_view_list[0].user_id, open_ids["王芳"], "viewer")


def search():
    filters = MinutesFilter.builder().owner_ids([open_ids["王芳"]]).build()
    body = SearchMinuteRequestBody.builder().filter(filters).build()

    def page(token=None):
        request = SearchMinuteRequest.builder().page_size(2).request_body(body)
        if token:
            request.page_token(token)
        return data(client.minutes.v1.minute.search(request.build(), user()), "search")

    first = page()
    same((first.total, first.has_more, len(first.items)), (3, True, 2), "first page")
    second = page(first.page_token)
    same((second.has_more, len(second.items)), (False, 1), "second page")
    found = {item.token for item in first.items + second.items}
    same(MINUTE in found and len(found), 3, "found")


def refusals():
    request = GetMinuteMediaRequest.builder().minute_token("obcndenieddenieddenieddd").build()
    answer = client.minutes.v1.minute_media.get(request, user())
    same((answer.code, answer.raw.status_code), (2091005, 403), "denied")
    same(answer.error["log_id"], answer.get_log_id(), "log id")
    answer = client.minutes.v1.minute.get(
        GetMinuteRequest.builder().minute_token(MINUTE).build(),
        lark.RequestOption.builder().user_access_token("u-none").build(),
    )
    same(answer.code, 99991668, "bad token")


def meetings():
    api = client.vc.v1
    # Booleans in queries come as True and False.
    request = GetMeetingRequest.builder().meeting_id(MEETING).with_participants(True).build()
    meeting = data(api.meeting.get(request, user()), "meeting").meeting
    same((meeting.topic, meeting.status, len(meeting.participants)), ("产品周会", 3, 2), "meeting")

    # Given no token the SDK fetches a tenant token by itself.
    for option in (user(), tenant(), None):
        request = GetMeetingRecordingRequest.builder().meeting_id(MEETING).build()
        recording = data(api.meeting_recording.get(request, option), "recording").recording
        same(recording.url, f"https://meetings.feishu.cn/minutes/{MINUTE}", "recording url")
        same(recording.duration, "20000", "recording duration")

    now = int(time.time())
    request = (
        ListByNoMeetingRequest.builder()
        .meeting_no(meeting.meeting_no)
        .start_time(now - 86400)
        .end_time(now + 60)
        .build()
    )
    briefs = data(api.meeting.list_by_no(request, user()), "list_by_no").meeting_briefs
    same([brief.id for brief in briefs], [MEETING], "meetings by number")

    request = (
        GetMeetingListRequest.builder()
        .start_time(now - 86400)
        .end_time(now + 60)
        .meeting_status(2)
        .page_size(20)
        .user_id_type("open_id")
        .build()
    )
    rows = data(api.meeting_list.get(request, user()), "meeting_list").meeting_list
    same([(row.meeting_topic, row.recording, row.meeting_id) for row in rows], [("产品周会", True, meeting.meeting_no)], "rows")

    filters = MeetingFilter.builder().organizer_ids([open_ids["王芳"]]).build()
    body = SearchMeetingRequestBody.builder().query("周会").meeting_filter(filters).build()
    request = SearchMeetingRequest.builder().page_size(10).request_body(body).build()
    same([item.id for item in data(api.meeting.search(request, user("李娜")), "search").items], [MEETING], "search")


def people():
    me = data(client.authen.v1.user_info.get(GetUserInfoRequest.builder().build(), user()), "user_info")
    same((me.name, me.en_name, me.open_id), ("王芳", "Wang Fang", open_ids["王芳"]), "user_info")

    body = (
        InternalAppAccessTokenRequestBody.builder().app_id(ready["app_id"]).app_secret(ready["app_secret"]).build()
    )
    answer = client.auth.v3.app_access_token.internal(
        InternalAppAccessTokenRequest.builder().request_body(body).build()
    )
    same(answer.code, 0, "app token")
    option = (
        lark.RequestOption.builder()
        .app_access_token(json.loads(answer.raw.content)["app_access_token"])
        .build()
    )
    body = CreateRefreshAccessTokenRequestBody.builder().grant_type("refresh_token").refresh_token("ur-v1").build()
    request = CreateRefreshAccessTokenRequest.builder().request_body(body).build()
    refreshed = data(client.authen.v1.refresh_access_token.create(request, option), "v1 refresh")
    same((refreshed.name, refreshed.access_token[:2], refreshed.refresh_token[:3]), ("王芳", "u-", "ur-"), "v1")


def messages():
    body = (
        CreateMessageRequestBody.builder()
        .receive_id(open_ids["李娜"])
        .msg_type("interactive")
        .content('{"elements":[]}')
        .uuid("one")
        .build()
    )
    request = CreateMessageRequest.builder().receive_id_type("open_id").request_body(body).build()
    message = data(client.im.v1.message.create(request, tenant()), "message")
    body = PatchMessageRequestBody.builder().content('{"elements":[1]}').build()
    request = PatchMessageRequest.builder().message_id(message.message_id).request_body(body).build()
    same(client.im.v1.message.patch(request, tenant()).code, 0, "patch")
    sent = [sent for sent in see(base, "/messages")["messages"] if sent["message_id"] == message.message_id]
    same([(one["content"], one["updates"]) for one in sent], [('{"elements":[1]}', 1)], "sent")


def events():
    """The SDK's own dispatcher verifies, decrypts and reads what the stand-in sends."""
    seen = queue.Queue()
    handler = (
        lark.EventDispatcherHandler.builder(ready["encrypt_key"], ready["verification_token"])
        .register_p2_vc_meeting_recording_ready_v1(lambda event: seen.put(("ready", event.event.url)))
        .register_p2_minutes_minute_generated_v1(lambda event: seen.put(("generated", event.event.minute_token)))
        .register_p2_auth_user_access_token_revoked_v4(lambda event: seen.put(("revoked", event.event.open_id)))
        .build()
    )

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            request = RawRequest()
            request.uri = self.path
            request.headers = self.headers
            request.body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = handler.do(request)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    order(base, "/webhook", {"url": f"http://127.0.0.1:{server.server_port}/", "check": True})

    option = user()
    body = SubscriptionMinuteRequestBody.builder().event_type("minutes.minute.generated_v1").build()
    request = SubscriptionMinuteRequest.builder().request_body(body).build()
    same(client.minutes.v1.minute.subscription(request, option).code, 0, "subscription")
    order(base, f"/minutes/{MINUTE}/announce")
    order(base, "/minutes/obcngeneratedgeneratedge/announce")
    body = UnsubscriptionMinuteRequestBody.builder().event_type("minutes.minute.generated_v1").build()
    request = UnsubscriptionMinuteRequest.builder().request_body(body).build()
    same(client.minutes.v1.minute.unsubscription(request, option).code, 0, "unsubscription")
    order(base, f"/people/{open_ids['李娜']}/revoke", {"by": "user"})
    same(
        {seen.get(timeout=10) for _ in range(3)},
        {
            ("ready", f"https://meetings.feishu.cn/minutes/{MINUTE}"),
            ("generated", "obcngeneratedgeneratedge"),
            ("revoked", open_ids["李娜"]),
        },
        "events",
    )
    order(base, "/webhook", {"url": None})
    server.shutdown()


def long_connection():
    """The SDK's own client connects, pings, puts parts together and answers; after a cut it comes back."""
    order(base, "/app", {"subscription": "long_connection"}, "PATCH")
    knobs = {"parts": 3, "part_order": "shuffled", "ping_interval": 1, "reconnect_interval": 1, "reconnect_nonce": 0}
    order(base, "/knobs", {"long_connection": knobs}, "PATCH")
    seen = queue.Queue()
    handler = (
        lark.EventDispatcherHandler.builder("", "")
        .register_p2_vc_meeting_recording_ready_v1(lambda event: seen.put(event.event.url))
        .build()
    )
    link = lark.ws.Client(
        ready["app_id"], ready["app_secret"], event_handler=handler, domain=base, log_level=lark.LogLevel.CRITICAL
    )
    threading.Thread(target=link.start, daemon=True).start()

    def until(what, look):
        for _ in range(200):
            truth = see(base, "/long_connection")
            found = look(truth["live"], [one for sent in truth["messages"] for one in sent["answers"]], truth)
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"never came: {what}")

    first = until("a connection", lambda live, *_: live and live[0])
    wanted = f"https://meetings.feishu.cn/minutes/{MINUTE}"
    order(base, f"/minutes/{MINUTE}/announce")
    same(seen.get(timeout=10), wanted, "event in parts")
    until("an answer", lambda _, answers, __: len(answers) == 1)
    order(base, "/long_connection/cut", {"how": "reset"})
    until("a new connection", lambda live, *_: live and live[0] > first)
    order(base, f"/minutes/{MINUTE}/announce")
    same(seen.get(timeout=10), wanted, "event after the cut")
    answers = until("two answers", lambda _, answers, __: len(answers) == 2 and answers)
    same([(answer["code"], answer["in_time"]) for answer in answers], [(200, True)] * 2, "answers")
    until("pings", lambda *truth: sum(one["pings"] for one in truth[2]["connections"]) >= 2)


for part in (minutes, search, refusals, meetings, people, messages, events, long_connection):
    part()
    print(f"python sdk: {part.__name__} ok")
