// The official Node SDK, unmodified, against feishu-sim. Usage: node node_sdk.js READY-JSON
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const http = require('node:http');
const lark = require('@larksuiteoapi/node-sdk');

const MINUTE = 'obcnsdksdksdksdksdksdksd';
const MEETING = '6911188411934433028';

const ready = JSON.parse(process.argv[2]);
const base = ready.api_base;
const openIds = Object.fromEntries(ready.users.map((user) => [user.name, user.open_id]));
const quiet = { error() {}, warn() {}, info() {}, debug() {}, trace() {} };
const client = new lark.Client({
  appId: ready.app_id,
  appSecret: ready.app_secret,
  domain: base,
  logger: quiet,
});

async function order(path, body = {}, method = 'POST') {
  const init = method === 'GET' ? { method } : { method, body: JSON.stringify(body) };
  const answer = await fetch(`${base}/_sim${path}`, init);
  assert.equal(answer.status, 200, `${method} ${path}`);
  return answer.json();
}

const see = (path) => order(path, undefined, 'GET');

async function user(name = '王芳') {
  const { access_token } = await order(`/people/${openIds[name]}/tokens`);
  return lark.withUserAccessToken(access_token);
}

function data(answer) {
  assert.equal(answer.code, 0, answer.msg);
  return answer.data;
}

async function minutes() {
  const truth = await see(`/minutes/${MINUTE}`);
  const me = await user();
  const path = { minute_token: MINUTE };
  const { minute } = data(await client.minutes.v1.minute.get({ path }, me));
  assert.equal(minute.token, MINUTE);
  assert.equal(minute.title, '产品周会');
  assert.equal(minute.owner_id, openIds['王芳']);
  assert.equal(minute.create_time, String(truth.created_ms));
  assert.equal(minute.duration, '20000');

  const { download_url } = data(await client.minutes.v1.minuteMedia.get({ path }, await user('李娜')));
  const body = Buffer.from(await (await fetch(download_url)).arrayBuffer());
  assert.equal(body.length, truth.file.bytes);
  assert.equal(crypto.createHash('sha256').update(body).digest('hex'), truth.file.sha256);

  const params = { need_speaker: true, need_timestamp: true, file_format: 'txt' };
  const transcript = await client.minutes.v1.minuteTranscript.get({ path, params }, me);
  const chunks = [];
  for await (const chunk of transcript.getReadableStream()) chunks.push(chunk);
  assert.equal(
    Buffer.concat(chunks).toString(),
    '王芳 00:00:00.000\n第一句\n\n王芳 00:00:04.000\nSecond line\n\n',
  );

  const products = data(await client.minutes.v1.minute.artifacts({ path }, me));
  assert.equal(products.summary, truth.artifacts.summary);
  assert.deepEqual(products.minute_chapters.map((chapter) => chapter.start_ms), ['0', '10000']);
  assert.deepEqual(products.minute_todos[0].assignees, ['张伟']);

  const { statistics } = data(await client.minutes.v1.minuteStatistics.get({ path }, me));
  assert.ok(Number(statistics.page_view_count) >= 1);
}

async function search() {
  const me = await user();
  const body = { filter: { owner_ids: [openIds['王芳']] } };
  const first = data(await client.minutes.v1.minute.search({ data: body, params: { page_size: 2 } }, me));
  assert.deepEqual([first.total, first.has_more, first.items.length], [3, true, 2]);
  const params = { page_size: 2, page_token: first.page_token };
  const second = data(await client.minutes.v1.minute.search({ data: body, params }, me));
  assert.deepEqual([second.has_more, second.items.length], [false, 1]);
  assert.equal(new Set([...first.items, ...second.items].map((item) => item.token)).size, 3);
}

async function refusals() {
  const path = { minute_token: 'obcndenieddenieddenieddd' };
  const refused = client.minutes.v1.minuteMedia.get({ path }, await user());
  await assert.rejects(refused, (error) => {
    assert.equal(error.response.status, 403);
    assert.equal(error.response.data.code, 2091005);
    assert.equal(error.response.data.error.log_id, error.response.headers['x-tt-logid']);
    return true;
  });
}

async function meetings() {
  const me = await user();
  const path = { meeting_id: MEETING };
  const { meeting } = data(await client.vc.v1.meeting.get({ path, params: { with_participants: true } }, me));
  assert.deepEqual([meeting.topic, meeting.status, meeting.participants.length], ['产品周会', 3, 2]);

  // Without a user token the SDK fetches and sends a tenant token by itself.
  for (const options of [me, undefined]) {
    const { recording } = data(await client.vc.v1.meetingRecording.get({ path }, options));
    assert.equal(recording.url, `https://meetings.feishu.cn/minutes/${MINUTE}`);
    assert.equal(recording.duration, '20000');
  }

  const now = Math.floor(Date.now() / 1000);
  const window = { start_time: String(now - 86400), end_time: String(now + 60) };
  const byNumber = { meeting_no: meeting.meeting_no, ...window };
  const { meeting_briefs } = data(await client.vc.v1.meeting.listByNo({ params: byNumber }, me));
  assert.deepEqual(meeting_briefs.map((brief) => brief.id), [MEETING]);

  const all = { ...window, meeting_status: 2, page_size: 20, user_id_type: 'open_id' };
  const { meeting_list } = data(await client.vc.v1.meetingList.get({ params: all }, me));
  assert.deepEqual(
    meeting_list.map((row) => [row.meeting_topic, row.recording, row.meeting_id]),
    [['产品周会', true, meeting.meeting_no]],
  );

  const body = { query: '周会', meeting_filter: { organizer_ids: [openIds['王芳']] } };
  const found = data(await client.vc.v1.meeting.search({ data: body, params: { page_size: 10 } }, await user('李娜')));
  assert.deepEqual(found.items.map((item) => item.id), [MEETING]);
}

async function people() {
  const me = data(await client.authen.v1.userInfo.get({}, await user()));
  assert.deepEqual([me.name, me.en_name, me.open_id], ['王芳', 'Wang Fang', openIds['王芳']]);
}

async function messages() {
  const body = { receive_id: openIds['李娜'], msg_type: 'interactive', content: '{"elements":[]}', uuid: 'node' };
  const sent = data(await client.im.v1.message.create({ params: { receive_id_type: 'open_id' }, data: body }));
  const path = { message_id: sent.message_id };
  assert.equal((await client.im.v1.message.patch({ path, data: { content: '{"elements":[2]}' } })).code, 0);
  const known = (await see('/messages')).messages.find((message) => message.message_id === sent.message_id);
  assert.deepEqual([known.content, known.updates], ['{"elements":[2]}', 1]);
}

// The SDK's own dispatcher verifies, decrypts and reads what the stand-in sends.
async function events() {
  const seen = [];
  let enough;
  const three = new Promise((resolve) => { enough = resolve; });
  const see = (what) => { seen.push(what); if (seen.length === 3) enough(); };
  const dispatcher = new lark.EventDispatcher({
    encryptKey: ready.encrypt_key,
    verificationToken: ready.verification_token,
    logger: quiet,
  }).register({
    'vc.meeting.recording_ready_v1': (event) => see(`ready ${event.url}`),
    'minutes.minute.generated_v1': (event) => see(`generated ${event.minute_token}`),
    'auth.user_access_token.revoked_v4': (event) => see(`revoked ${event.open_id}`),
  });
  const server = http.createServer(lark.adaptDefault('/event', dispatcher, { autoChallenge: true }));
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  await order('/webhook', { url: `http://127.0.0.1:${server.address().port}/event`, check: true });

  const me = await user();
  const event = { data: { event_type: 'minutes.minute.generated_v1' } };
  assert.equal((await client.minutes.v1.minute.subscription(event, me)).code, 0);
  await order(`/minutes/${MINUTE}/announce`);
  await order('/minutes/obcngeneratedgeneratedge/announce');
  assert.equal((await client.minutes.v1.minute.unsubscription(event, me)).code, 0);
  await order(`/people/${openIds['李娜']}/revoke`, { by: 'user' });
  const late = setTimeout(() => { throw new Error(`only ${JSON.stringify(seen)} came`); }, 10_000);
  await three;
  clearTimeout(late);
  assert.deepEqual(seen.sort(), [
    'generated obcngeneratedgeneratedge',
    `ready https://meetings.feishu.cn/minutes/${MINUTE}`,
    `revoked ${openIds['李娜']}`,
  ]);
  await order('/webhook', { url: null });
  server.close();
  server.closeAllConnections();
}

// The SDK's own client connects, pings, puts parts together and answers; after a cut it comes back.
async function longConnection() {
  await order('/app', { subscription: 'long_connection' }, 'PATCH');
  const knobs = { parts: 3, part_order: 'shuffled', ping_interval: 1, reconnect_interval: 1, reconnect_nonce: 0 };
  await order('/knobs', { long_connection: knobs }, 'PATCH');
  const seen = [];
  const eventDispatcher = new lark.EventDispatcher({ logger: quiet }).register({
    'vc.meeting.recording_ready_v1': (event) => { seen.push(event.url); },
  });
  const link = new lark.WSClient({
    appId: ready.app_id, appSecret: ready.app_secret, domain: base, logger: quiet,
  });
  link.start({ eventDispatcher });

  const until = async (what, look) => {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const found = look(await see('/long_connection'));
      if (found) return found;
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
    throw new Error(`never came: ${what}`);
  };
  const first = await until('a connection', ({ live }) => live[0]);
  const wanted = `https://meetings.feishu.cn/minutes/${MINUTE}`;
  await order(`/minutes/${MINUTE}/announce`);
  await until('an event in parts', () => seen.length === 1);
  const answered = (count) => ({ messages: sent }) => {
    const all = sent.flatMap((message) => message.answers);
    return all.length === count && all;
  };
  await until('an answer', answered(1));
  await order('/long_connection/cut', { how: 'reset' });
  await until('a new connection', ({ live }) => live[0] > first);
  await order(`/minutes/${MINUTE}/announce`);
  await until('an event after the cut', () => seen.length === 2);
  assert.deepEqual(seen, [wanted, wanted]);
  const answers = await until('two answers', answered(2));
  assert.deepEqual(answers.map(({ code, in_time: inTime }) => [code, inTime]), [[200, true], [200, true]]);
  await until('pings', ({ connections }) => connections.reduce((sum, one) => sum + one.pings, 0) >= 2);
  link.close({ force: true });
}

(async () => {
  for (const part of [minutes, search, refusals, meetings, people, messages, events, longConnection]) {
    await part();
    console.log(`node sdk: ${part.name} ok`);
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
