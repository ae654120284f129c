# What the command line says.

# --help. The key is the place of the command or argument.
help = Keeps a company's Feishu/Lark meeting recordings (Minutes): found, fetched with their owner's grant, checked, kept.
help-examples = Examples:
    {"  "}minutes-vault config init                 write minutes-vault.toml, then fill it in
    {"  "}minutes-vault doctor                      is anything set up wrongly?
    {"  "}minutes-vault serve                       run the service
    {"  "}minutes-vault recordings show URL         what happened to this one?
    {"  "}minutes-vault demo                        see it work, without any account

    Exit codes:
    {"  "}0  done, all well
    {"  "}1  something was found wrong, or not found (verify, doctor, demo, recordings, members)
    {"  "}2  the command line or the configuration is wrong
    {"  "}3  not possible now: something cannot be reached, or another process holds it
help-config = The configuration file (.toml or .json); else minutes-vault.toml, else config.json in this folder
help-lang = Language of what is said
help-verbose = Log more; twice for everything
help-json = Answer in JSON, for programs
help-help = Print help
help-version = Print the version
help-serve = Run the service: webhook, authorisation pages, patrol, downloads
help-serve-examples = Ends with 0 on SIGTERM; work that was under way is taken up at the next start.
help-demo = Start a stand-in company in this process and archive its recordings
help-demo-examples = Examples:
    {"  "}minutes-vault demo
    {"  "}minutes-vault demo --exit-when-done --json
help-demo-listen = Where to listen; port 0 takes a free one
help-demo-data-dir = Where everything is kept; run again over the same folder, nothing is fetched twice
help-demo-exit-when-done = End when all is settled; 0 only when everything that can be archived is, and verified
help-doctor = Check configuration, credentials, clock, folders, addresses, scopes; say how to mend what is wrong
help-doctor-examples = Examples:
    {"  "}minutes-vault doctor
    {"  "}minutes-vault doctor --json | jq '.checks[] | select(.mark != "ok")'
help-status = Is all well? What waits, why, and whose move is it?
help-members = Who has authorised
help-members-list = All members, with what they granted and for how long
help-members-show = Everything about one member
help-members-show-id = The member's open_id (ou_…)
help-members-remove = Forget a member and their grant; their recordings stay
help-members-remove-id = The member's open_id (ou_…)
help-members-remove-yes = Do not ask
help-recordings = Which recordings there are
help-recordings-list = Recordings, the newest found first
help-recordings-list-examples = Examples:
    {"  "}minutes-vault recordings list --state failed
    {"  "}minutes-vault recordings list --owner ou_… --limit 1000 --json
help-recordings-list-state = Only this state: found, archived, waiting, denied, no_grant, gone, lost, no_media, failed, trashed, purged
help-recordings-list-owner = Only of this owner (open_id)
help-recordings-list-limit = At most so many
help-recordings-show = Everything about one recording: state, reason, files, who saw it, the next attempt
help-recordings-show-examples = Examples:
    {"  "}minutes-vault recordings show obcn37dxcftoc3656rgyejm7
    {"  "}minutes-vault recordings show https://example.feishu.cn/minutes/obcn37dxcftoc3656rgyejm7
help-recordings-show-token = The minute_token, or the address of the minute's page
help-recordings-refetch = Fetch recordings again; what is there stays until what comes is whole
help-recordings-refetch-examples = Example:
    {"  "}minutes-vault recordings refetch obcn37dxcftoc3656rgyejm7
help-recordings-refetch-tokens = minute_tokens, or addresses of minutes' pages
help-invite = Ask people to authorise: the bot sends each a card, which is updated once they have
help-invite-examples = Examples:
    {"  "}minutes-vault invite ou_… ou_…
    {"  "}minutes-vault invite --file people.txt          one open_id a line
    {"  "}minutes-vault invite --department od-…          its direct members; the app needs contact:contact.base:readonly
    {"  "}minutes-vault invite --unauthorised-owners      who owns recordings that nobody could fetch
help-invite-people = One or more open_ids (ou_…)
help-invite-file = A list, one open_id a line; lines that begin with # are left out
help-invite-department = The open_department_id of a department (od-…; 0 for those directly in the company)
help-invite-unauthorised-owners = Everybody who owns recordings that are not archived and has no grant that works
help-members-removed = What was removed: whose, when, by whom, which files
help-members-remove-purge = Remove all that the catalogue knows of them, too, and keep a record of the removal
help-members-remove-files = Also remove the files of all recordings that they own, for good; they are not fetched again
help-pause = Pause all fetching, or only these recordings; what has come is kept
help-pause-examples = Examples:
    {"  "}minutes-vault pause                           everything; events are still taken
    {"  "}minutes-vault pause obcn37dxcftoc3656rgyejm7  one recording
help-pause-tokens = minute_tokens, or addresses of minutes' pages; none: everything
help-resume = Go on with what was paused, from where it stood
help-resume-examples = Examples:
    {"  "}minutes-vault resume
    {"  "}minutes-vault resume obcn37dxcftoc3656rgyejm7
help-resume-tokens = minute_tokens, or addresses of minutes' pages; none: everything that was not paused by name
help-coverage = Per person and week: what was recorded, archived, waiting, missing, and what the numbers rest on
help-coverage-examples = Examples:
    {"  "}minutes-vault coverage --since 2026-09-01
    {"  "}minutes-vault coverage --xlsx coverage.xlsx    a workbook
    {"  "}minutes-vault coverage --csv > coverage.csv    for any spreadsheet
help-coverage-since = From the week of this day on (2026-09-01), or so long ago (30d, 12w)
help-coverage-member = Only this person (open_id)
help-coverage-csv = Answer with CSV, for a spreadsheet
help-coverage-xlsx = Write a workbook
help-reconcile = Read the company's own record of its meetings: what was recorded, by whom, archived or not, and why not
help-reconcile-examples = It takes one administrator's grant: company.administrators, then /auth/start?for=company-record.
    Exit codes: 0 every recording is archived (or is gone for good), 1 some are not, 3 the record cannot be read.
help-reconcile-since = Since this day (2026-09-01), or so long ago (30d, 12w)
help-why = Why is this one (not) here? One paragraph: who saw it, what was tried, whose move it is
help-why-examples = Examples:
    {"  "}minutes-vault why https://example.feishu.cn/minutes/obcn37dxcftoc3656rgyejm7
    {"  "}minutes-vault why "123 456 789"     a meeting, by the number that people dial
help-why-what = The address of a minute's page, its minute_token, a meeting's number of nine digits, or its long id
help-verify = Check that every archived file is there and whole, and that no file is unknown
help-verify-examples = Examples:
    {"  "}minutes-vault verify                       existence, size, structure: quick
    {"  "}minutes-vault verify --all --limit 50MB/s  every byte of every file, at that rate
    {"  "}minutes-vault verify --all --resume        from where the last one was broken off
    {"  "}minutes-vault verify --all --mend          set what is damaged aside and fetch it again
    {"  "}minutes-vault verify --csv > report.csv    for a spreadsheet
help-verify-all = Read every byte again and compare the SHA-256
help-verify-resume = Go on where the last one was broken off
help-verify-limit = Read no faster than this, such as 20MB/s
help-verify-mend = Set what is damaged or missing aside and have it fetched again
help-verify-adopt = This folder is the archive (it was moved or restored), although it has not its mark
help-verify-purge-quarantine = Remove for good what is in quarantine
help-verify-csv = Answer with CSV, for a spreadsheet
help-audit = The audit log: who viewed, took out or changed what, when and from where
help-audit-verify = Verify the audit log: was any row changed, taken out or moved?
help-audit-export = Write out the audit log, oldest first
help-audit-export-since = From this day on, such as 2026-11-01, or so long ago, such as 30d or 12w
help-audit-export-until = Up to this day, written the same way
help-audit-export-csv = As CSV, for spreadsheets
help-audit-export-jsonl = One JSON object a line (the default)
help-import-legacy = Take over what the former Python script left: members, history, files
help-import-legacy-examples = Run it as often as you like; it says line by line what it did. Stop serve first.
    {"  "}minutes-vault import-legacy /opt/old-script
help-import-legacy-dir = The folder with user_tokens.json and download_history.json
help-config-init = Write the annotated example as minutes-vault.toml, readable by you alone
help-config-init-force = Overwrite what is there
help-config-check = Show what counts and where each value comes from; 2 when something is wrong

# serve
serve-ready = Listening on {$address}
serve-authorise = Employees authorise at {$url}
serve-callback = The redirect URL for "Security settings" in Feishu's developer console: {$url}
serve-first-administrator = There is no administrator yet. Whoever opens this one-time link and signs in becomes it: {$url}
serve-webhook = Events go to {$url}
serve-long-connection = Events come over a long connection that this service opens

# demo
demo-open = Open it: {$url}
demo-files = Recordings go to {$dir}
demo-goes-on = All settled. The service goes on; end it with Ctrl-C.
demo-found = found
demo-archived = archived
demo-verified = verified byte for byte
demo-waiting = waiting
demo-denied = export denied
demo-gone = deleted at the source
demo-no-media = without a media file
demo-failed = failed
demo-grants = grants alive
demo-bytes = on disk
demo-received = received
demo-seconds = seconds
demo-complete = Everything that can be archived is archived and verified.
demo-incomplete = Something is not as it should be; the lines marked ! say what.

# Why a command cannot do its work
error-no-catalog = There is no catalogue yet ({$file}). It is made when serve starts for the first time; or is this another folder (data_dir)?
error-locked = Another minutes-vault (process {$pid}) works on the data folder {$dir}. End it first, or set another data_dir.
error-not-mounted = None of the archived files are in {$dir}: its disk is probably not mounted. Nothing was downloaded. Mount it and start again; if the folder was moved or restored on purpose, run minutes-vault verify --adopt.
error-others-archive = {$dir} is the archive of another minutes-vault. Check archive.dir and data_dir; if this one is to take it over, run minutes-vault verify --adopt.

# Configuration: what is wrong, and what to write instead
config-is-bad = The configuration is wrong:
config-is-good = The configuration is good.
config-column-key = key
config-column-value = value
config-column-source = from
config-source-default = default
config-init-exists = {$file} is there already and was left alone. Use --force to overwrite it.
config-init-done = Wrote {$file}. Fill in the five lines at its top, then run: minutes-vault doctor
config-required = is not set. Write it into the configuration file, or set {$variable}.
config-unknown = is not a key of this program. Remove it; minutes-vault config init writes a file with all keys.
config-unknown-closest = is not a key of this program. Did you mean {$closest}?
config-not-a-value = has a list or a table where one value belongs.
config-not-one-of = is none of the possible words. Write one of: {$choices}.
config-not-an-address = is not an address to listen on. Write IP:PORT, such as 0.0.0.0:29090.
config-not-a-url = is not a usable address. Write http(s)://HOST, without query, fragment or password, such as https://vault.example.com.
config-not-a-duration = is not a duration between {$least} and {$most}. Write a whole number and s, m, h or d, such as 5m.
config-not-waits = are not a first and a longest wait. Write 5s/1h: whole numbers with s, m, h or d, between 1s and 7d, the first not above the second.
config-not-a-number = is not a whole number between {$least} and {$most}.
config-not-a-factor = is not a number between {$least} and {$most}.
config-not-a-share = is not a share between 1% and 100%. Write a whole percentage, such as 80%.
config-not-room = is not an amount of room. Write 5%/10GiB (the smaller of the two), 5%, 10GiB, or 0 for none.
config-not-a-bandwidth = is not a bandwidth. Write 20MB/s (16KiB/s at least), or unlimited.
config-not-hours = are not hours with a limit. Write Mon-Fri 09:00-18:00 20MB/s; separate several with semicolons.
config-not-a-template = cannot be used: {$why}.
config-not-quiet-hours = are not quiet hours. Write 20:00-09:00, or never.
config-not-a-webhook = is not an address to post to. Write http(s)://HOST/PATH, with whatever query that place wants.
config-not-a-zone = is not a time zone. Write its IANA name, such as Asia/Shanghai.
config-not-a-since = is no point to go back to. Write all, a day such as 2024-01-01, or so long ago such as 90d.
config-not-a-database = is not the address of a PostgreSQL. Write postgres://USER:PASSWORD@HOST/DATABASE, or leave it empty for SQLite.
config-not-a-key = is not a key: 32 bytes in base64 are needed. Make one with: openssl rand -base64 32
config-not-plain = holds a space or a control character. Copy it again, without a line break.
config-not-people = are not open_ids. Write them as ["ou_…", "ou_…"], or separated by commas or spaces.
config-twice = is set together with {$other}. Keep one of the two.
config-unreadable = cannot be read: {$why}.
config-syntax = cannot be understood: {$why}.
config-not-a-format = has an ending that says nothing. Call it .toml or .json.

config-warn-unused-keys = {$file}: this program has no use for {$keys}. They are left aside; check the spelling if you meant one of our keys.
config-warn-second-file = {$file} was not read, since minutes-vault.toml is there. Move it away, or name it with --config.
config-warn-retired = There is no {$key} any more, and it was left aside; see {$successor}.
config-warn-readable = {$file} holds secrets and can be read by others. Run: chmod 600 {$file}
config-warn-plain-http = {$key} begins with http://: secrets would cross the network in the clear. Use https://.
config-warn-odd-app-id = feishu.app_id does not begin with cli_ as App IDs do. Compare it with the developer console.
config-warn-audits-themselves = {$id} is in both company.administrators and company.auditors: they count as administrator and cannot open everybody's content. Name somebody else as auditor.
config-warn-no-public-url = server.public_url is not set: the address for authorisations is guessed from each request, and the platform accepts only the one in its list. Set it to the address that employees use, and add it plus /auth/callback to the redirect URLs in the developer console.
config-warn-no-event-secrets = Neither events.encrypt_key nor events.verification_token is set: nobody could tell a real event from a forged one, so all are refused and only the patrol finds recordings. Copy both from "Events & Callbacks" in the developer console.
config-warn-no-webhook-secret = notify.webhook_secret is not set: what is posted to notify.webhook_url is not signed, and nobody there can tell it from a forgery.
config-warn-no-encrypt-key = events.encrypt_key is not set: events come unencrypted and unsigned, believed for their token alone. Set an Encrypt Key in the developer console and here.

# Columns and labels
column-name = name
column-open-id = open_id
column-state = state
column-reason = why
column-fix = what to do
column-mover = whose move
column-detail = detail
column-days-left = days left
column-missing-scopes = scopes missing
column-archived-of-owned = archived/owned
column-patrolled = last patrol
column-subscribed = events since
column-backfill = history
column-recordings = recordings
column-members = members
column-token = minute_token
column-owner = owner
column-created = created
column-title = title
column-duration = duration
column-found = found
column-archived = archived
column-url = page
column-folder = folder
column-file = file
column-size = size
column-sha256 = SHA-256
column-via = with the grant of
column-attempts = failed attempts
column-verified = last read again
column-next-attempt = next attempt
column-last-error = last error
column-seen-by = seen by
column-first = first
column-last = last
column-times = times

# Moments
moment-now = just now
moment-minutes-ago = {$count} min ago
moment-hours-ago = {$count} h ago
moment-days-ago = {$count} d ago
moment-minutes-ahead = in {$count} min
moment-hours-ahead = in {$count} h
moment-days-ahead = in {$count} d
period-seconds = {$count} s
period-minutes = {$count} min
period-hours = {$count} h

# status
status-service = service
status-running = running (process {$pid})
status-not-running = not running
status-paused = paused
status-paused-since = all fetching, since {$since}; go on with: minutes-vault resume
status-paused-recordings = recordings paused by name: {$count}
status-recordings = recordings
status-indent = {"  "}
status-bytes = on disk
status-members = members
status-last-event = last event
status-long-connection = long connection
status-link-since = since {$moment}
status-link-retry = next attempt {$moment}
status-last-patrol = last patrol
status-patrol-plan = {$members} {$need}: every {$every}
status-patrol-unseen = longest unseen: since {$moment}
status-patrol-never = not looked at yet: {$count}
status-patrol-stretched = The share of the searches is not enough to see everybody every 3 hours. Raise patrol.share; or feishu.rate_factor, if Feishu has raised your limits; or have an administrator open the company's record (company.administrators).
status-backfill = back-fill
status-backfill-members = history of {$done} of {$members} members looked through
status-backfill-counts = found {$found}, of these archived {$archived}
backfill-reached = back to {$day}
backfill-done = complete
backfill-open = still to fetch: {$count}, about {$bytes}
backfill-unknown = unknown
status-events-waiting = events waiting
status-events-put-off = {$count} of them broke down and are tried again; the log says why
status-tasks = tasks waiting
status-notices = messages
status-notices-waiting = {$count} to be sent
status-notices-open = {$count} sent and open
status-notices-unsent = {$count} cannot be sent: {$reason}
status-bot = bot
status-nothing-open = Nothing is open.

# pause, resume
pause-everything = All fetching is paused. Go on with: minutes-vault resume
pause-recordings = Recordings paused by name: {$count}. Go on with: minutes-vault resume TOKEN
pause-none = Nothing is paused.
pause-nothing-to-do = {$token}: unknown, or not paused. Nothing was changed for it.

# members
members-none = Nobody has authorised yet. Send people the address of the authorisation page: server.public_url plus /auth/start.
members-unknown = There is no member {$id}. See: minutes-vault members list
members-authorised = authorised
members-reason-since = since
members-until = lasts at most until
members-refreshed = last renewed
members-refresh-ends = renewable until
members-failures = failed renewals
members-patrolled = last patrol
members-patrol-error = patrol stopped by
members-subscribed = events since
members-subscription-asked = last asked for events
members-subscription-error = events refused
members-heard = last event
members-backfill = history
members-attended = meetings attended
members-backfill-counts = windows {$windows}, found {$found}, of these archived {$archived}
members-scope = scope
members-missing-scopes-fix = Open the missing scopes for the app in the developer console, publish a version, and have the member authorise again.
members-remove-question = Forget {$name} ({$id}) and their grant? Their recordings stay.
members-remove-needs-yes = Nobody is here to ask. Say --yes if you mean it.
members-purge-question = Remove {$name} ({$id}), their grant and what the catalogue knows of them, for good? Files: {$files}. This cannot be undone.
members-purged = Removed {$name} ({$id}); {$files} files, {$size}. The record: minutes-vault members removed
members-removed-none = Nobody was removed.
members-removed-by = removed by {$by}
members-purge-busy = Recordings are being fetched and did not stop in time; no file was removed. Try again later.
members-remove-left = Nothing was changed.
members-removed = {$name} ({$id}) and their grant are forgotten. Their recordings stay; the authorisation in Feishu itself ends when they withdraw it.
members-unsubscribed = Feishu sends no more events for them.
members-unsubscribed-no-token = No token of theirs works any more, so Feishu could not be asked to stop sending events for them; they lead to nothing here.
members-unsubscribed-refused = Feishu could not be asked to stop sending events for them: {$why}

# invite
invite-needs-url = server.public_url is not set: the button on the card needs an authorisation page that employees can open.
invite-invited = will be invited
invite-already = invited before, and has not authorised yet
invite-authorised = has authorised; not invited
invite-blocked = the app's settings give nobody a lasting grant, so that a click changes nothing; mend them as doctor says; not invited
invite-departed = the account is unavailable; not invited
invite-unreadable = Not an open_id, left out: {$line}
invite-nobody = There is nobody to invite.
invite-not-running = The service is not running: cards are sent once it is (minutes-vault serve).

# recordings
recordings-none = No recordings.
recordings-more = These are the newest {$limit}; use --limit for more.
recordings-unknown = {$token}: no such recording in the catalogue. It is found when its owner authorises, or when an event tells of it.
recordings-plays = {$plays} by the file itself; the platform says {$said}
recordings-at-work = being worked on now
refetch-called = {$token}: will be fetched again.
refetch-removed = {$token}: was removed on request and is not fetched again.
refetch-not-running = The service is not running: the work starts with it (minutes-vault serve).

# coverage
coverage-rests-on-record = These numbers rest on the company's own record of its meetings, read since {$since}: no recorded meeting is missing. Recordings that are no meetings (uploads, audio) are seen only through members.
coverage-rests-on-part = The company's own record of its meetings has been read since {$since} only: what is earlier rests on what authorised members can see.
coverage-rests-on-members = These numbers rest only on what authorised members can see: recordings of everybody else may be missing (shown as ? and ≥). The company's own record: {$why}. {$fix}
coverage-written = Written to {$file}
coverage-all-weeks = all weeks
coverage-company = The company
coverage-sheet = Coverage
coverage-owner-unknown = (owner not known)
coverage-never-authorised = never authorised
coverage-complete = complete
coverage-incomplete = as far as known
coverage-unknown = not known
column-authorisation = authorisation
column-week = week
column-recorded = recorded
column-waiting = waiting
column-no-media = no media
column-denied = denied
column-not-authorised = not authorised
column-deleted = deleted at source
column-failed = failed
column-removed = removed on request
column-unknown = unknown
column-last-event = last event
column-complete = how complete
column-began = began
column-number = meeting number
column-row = Row
column-moment = When
column-actor = Who
column-verb = Did
column-subject = What
column-from = From
column-hash = Hash

# reconcile
reconcile-head = By the company's own record {$recorded} meetings were recorded since {$since}; {$archived} of these recordings are archived.
reconcile-closed = The company's own record cannot be relied on: {$why}. {$fix} {$detail}

# why
why-between = _
why-and = ;_
why-recording = “{$title}” ({$token}) of {$owner}, made {$made}.
why-seen = Heard of by {$list}.
why-seen-by = {$track} ({$when}, through {$who}, {$times}×)
why-seen-by-nobody = {$track} ({$when}, {$times}×)
why-tried = Its media was asked for: {$list}.
why-not-tried = Its media has not been asked for yet.
why-tried-with = {$when} with the grant of {$who}: {$came}
why-tried-with-nobody = {$when}: {$came}
why-tried-often = {$times}× from {$first} to {$last}
why-with-detail = {$what} [{$detail}]
why-stands = Now: {$state}.
why-stands-because = Now: {$state} ({$why}).
why-lacks = Still lacking: {$list}.
why-lacks-one = {$what}: {$state}
why-paused = Fetching is paused: minutes-vault resume, or minutes-vault resume {$token}.
why-at-work = It is being worked on now.
why-next = Next attempt: {$when}.
why-archived = Nothing is to be done; where its files are: minutes-vault recordings show {$token}.
why-authorise = Next move: {$owner}, or a colleague who can open it, authorises once at {$url}; everything else then happens by itself.
why-move = Whose move: {$mover}. {$fix} To try at once: minutes-vault recordings refetch {$token}.
why-by-itself = Nobody has to do anything: it goes on by itself.
why-meeting = The meeting “{$topic}” (number {$number}) of {$owner} began {$began}.
why-meeting-recorded = By the company's own record it was recorded.
why-meeting-not-recorded = By the company's own record it was not recorded, so there is nothing to keep.
why-meeting-recorded-unknown = Whether it was recorded is not known: the company's own record does not tell.
why-meeting-asked = It was asked for its recording {$times}×, last {$when}: {$came}.
why-meeting-not-asked = It has not been asked for its recording yet.
why-meeting-refused-fix = Whose move: the administrator. Open vc:record:readonly for the app and publish a version, or have the meeting's owner authorise; then run minutes-vault reconcile.
why-meeting-none-fix = The recording may have been deleted, or kept somewhere else than in Minutes; its owner can tell. To ask again: minutes-vault reconcile.
why-unknown-recording = Nothing here knows the minute {$what}: no event told of it and no patrol saw it.
why-unknown-meeting = Nothing here knows the meeting {$what}: no event and no list told of it.
why-unknown-looked = Only what the {$members} members with a working authorisation can see is ever seen (last patrol {$patrol}, last event {$event}); of everybody else's minutes nothing can be known, not even the owner.
why-unknown-record = The company's own record of its meetings: {$standing}. {$fix}
why-unknown-recording-fix = To look: open the minute in Feishu and see who owns it. If they are not in minutes-vault members list, have them authorise at {$url}; if they are, it is older than their history is gone through (archive.backfill_since), or has been deleted.
why-unknown-meeting-fix = To look: minutes-vault reconcile --since DAY reads the company's own record from that day on.

# verify
verify-missing = it is not there.
verify-size = it has {$found} bytes instead of {$expected}.
verify-hash = its bytes are not those that were archived (another SHA-256).
verify-structure = it is not a whole recording: {$why}.
verify-unreadable = it cannot be read: {$why}.
verify-stranger = ? {$path}: the catalogue knows nothing of this file. It was left alone.
verify-quarantine = {$files} files are in quarantine, {$size} in all (.quarantine in the archive folder). When nobody needs them: verify --purge-quarantine.
verify-mending = {$files} files are to be fetched again; serve does that by itself.
verify-sum = Existence, size and structure: {$good} good, {$damaged} damaged, {$missing} missing, {$strangers} unknown, {$size} in all. Every byte: verify --all.
verify-sum-all = Every byte read: {$good} good, {$damaged} damaged, {$missing} missing, {$strangers} unknown, {$size} in all.

# import-legacy
import-nothing = There is neither a user_tokens.json nor a download_history.json in {$dir}. Name the folder of the former script.
import-member-admitted = {$name} ({$id}): the old token still works and is used until it ends, within hours; then they authorise once.
import-member-must-authorise = {$name} ({$id}): must authorise once ({$why}).
import-member-known = {$name} ({$id}): known already, nothing changed.
import-member-skipped = {$name}: not taken over: {$why}.
import-recording-adopted = {$token}: adopted {$from} ({$size}) as {$path}; the original stays.
import-recording-held = {$token}: noted as downloaded by the former script; no file of it was found, and it is not fetched again by itself.
import-recording-known = {$token}: known already, nothing changed.
import-file-refused = {$token}: {$path} was not adopted: {$why}.
import-folder-skipped = {$path}: could not be looked through: {$why}.
import-history-skipped = download_history.json: left aside, since it names no minute: {$entry}
import-sum = {$members} members, {$adopted} recordings adopted, {$held} noted as held without a file.

# doctor: what was found, and what to do
doctor-configuration = The configuration can be used.
doctor-folder = {$key}: {$dir} can be written.
doctor-folder-to-be = {$key}: {$dir} will be made at the first start.
doctor-folder-closed = {$key}: {$dir} cannot be written: {$why}.
doctor-folder-closed-fix = Give the folder to the user that runs the service: chown, and ReadWritePaths= in the systemd unit.
doctor-room = {$dir}: {$size} free.
doctor-room-little = {$dir}: only {$size} free.
doctor-room-little-fix = An hour of meeting takes 200 to 500 MiB: free some room soon.
doctor-room-none = {$dir}: only {$size} free.
doctor-room-none-fix = Free some room or name a larger disk in archive.dir; work goes on by itself.
doctor-key-set = The key that seals tokens comes from the configuration.
doctor-key-file = The key file {$file} is readable by its owner alone. Back it up, apart from the catalogue.
doctor-key-to-be = The key file {$file} will be made at the first start.
doctor-key-exposed = The key file {$file} can be read by others.
doctor-key-exposed-fix = Run: chmod 600 {$file}
doctor-key-bad = The key cannot be used: {$why}.
doctor-key-bad-fix = Put back the key file from a backup. If it is lost, remove it; then everybody has to authorise again.
doctor-key-other = The key is not the one that sealed this catalogue's tokens.
doctor-key-other-fix = Put back the vault.key of this data folder, or the vault.key setting that was used before.
doctor-credentials = The platform knows app {$id} and its secret.
doctor-credentials-wrong = The platform does not accept App ID and App Secret: {$why}.
doctor-credentials-wrong-fix = Copy both again from "Credentials & Basic Info" in the developer console into feishu.app_id and feishu.app_secret.
doctor-platform-away = The platform cannot be asked: {$why}.
doctor-platform-away-fix = Check network, DNS and proxy (HTTPS_PROXY), and feishu.brand or feishu.open_base_url.
doctor-clock = The clock agrees with the platform's.
doctor-clock-off = The clock is {$seconds} s off the platform's (positive: ahead).
doctor-clock-off-fix = Set it: timedatectl set-ntp true
doctor-callback = Redirect URL for the developer console ("Security settings"), letter for letter: {$url}
doctor-events = Request URL for events ("Events & Callbacks"): {$url} Events to add: {$events}
doctor-events-by-long-connection = Events come by long connection: choose it under "Events & Callbacks" in the developer console while this service runs. Events to add: {$events}
doctor-link-possible = The platform lets this app open a long connection, to {$host}.
doctor-link-away = The platform cannot be asked for a long connection just now: {$why}.
doctor-link-away-fix = If it stays like this, check network, DNS and proxy (HTTPS_PROXY); the service tries again by itself.
doctor-link-open = The running service's long connection is open.
doctor-link-down = The running service has no long connection just now; it is opened again by itself: {$why}
doctor-link-down-fix = If it stays like this, check whether a firewall or proxy cuts WebSockets.
doctor-console-scopes = Scopes for the developer console. App: {$app} User: {$user}
doctor-catalogue = The catalogue can be opened and is whole.
doctor-catalogue-to-be = The catalogue will be made at the first start.
doctor-catalogue-closed = The catalogue cannot be opened: {$why}
doctor-catalogue-closed-fix = Check data_dir or database.url, and the rights of this user.
doctor-catalogue-damaged = The catalogue is damaged: {$why}.
doctor-catalogue-damaged-fix = Stop the service and restore data_dir from a backup; the recordings themselves are not touched.
doctor-members-none = No member has a working authorisation.
doctor-members-none-fix = Send people the address of the authorisation page: server.public_url plus /auth/start.
doctor-scopes = All {$count} active members have granted every scope that is needed.
doctor-scopes-missing = {$name} ({$id}) has not granted: {$scopes}
doctor-scopes-missing-fix = Open these scopes for the app in the developer console, publish a version, and have the member authorise again.
doctor-bot-unavailable = The bot can send no messages: {$why}.
doctor-bot-unavailable-fix = Switch the bot ability on in the developer console, open im:message:send_as_bot and publish a version. All else goes on.
doctor-bot = What concerns administrators is sent to {$count} of them.
doctor-bot-nobody = Neither company.administrators nor notify.webhook_url is set: nobody will hear when archiving stands still.
doctor-bot-nobody-fix = Put the administrators' open_ids into company.administrators.
doctor-patrol = The patrol sees each of {$count} members at least every {$every}.
doctor-patrol-stretched = The patrol sees each of {$count} members only every {$every}: patrol.share of the searches that Feishu allows is not enough for every 3 hours.
doctor-patrol-stretched-fix = Raise patrol.share; or feishu.rate_factor, if Feishu has raised your limits; or have an administrator open the company's record (company.administrators), which tells of every recorded meeting within minutes.
doctor-service = serve runs (process {$pid}) and answers on {$address}.
doctor-service-somewhere = serve runs (process {$pid}) on a free port of its own choice.
doctor-service-silent = serve runs (process {$pid}) and does not answer on {$address}.
doctor-service-silent-fix = Look into its log; was server.listen changed since it started? Then restart it.
doctor-service-other = Something answers on {$address}, but no serve works on this data folder.
doctor-service-other-fix = Is it another installation? Then set another server.listen or data_dir.
doctor-service-off = serve is not running.
doctor-service-off-fix = Start it: minutes-vault serve, or systemctl start minutes-vault

# The audit log
audit-rows = {$rows} rows; {$dropped} more were let go for their age.
audit-whole = The audit log is whole. Hash of its last row: {$hash} (noted elsewhere, it proves later that the log was not written anew)
audit-changed = Row {$number} is not as it was written: it, or one before it, was changed.
audit-missing = Row {$number} is not there.
audit-too-many = From row {$number} on there are rows that should not be there.
audit-broken-fix = Somebody touched the catalogue past this program. Leave it as it is, compare it with data_dir in the backup, and find out who can reach it.

# backup, restore
help-backup = Back up the catalogue and its key (for the recordings themselves use what backs up files)
help-backup-folder = Into which folder; data_dir/backups if none is named
help-backup-json = Answer with JSON
help-restore = Put a backup in the place of the catalogue and its key; what was there is set aside, not removed
help-restore-from = The backup's folder
help-restore-yes = Yes, replace what is there
help-restore-json = Answer with JSON
backup-made = Backed up to { $path } ({ $size }).
backup-holds-key = It holds the key that opens the tokens: keep the folder like a password.
backup-lacks-key = The key comes from the environment and is not in it: keep it elsewhere, or everybody must authorise again after a restore.
restore-on-server = The catalogue is on a PostgreSQL server: restore it there with pg_restore, not with this command.
restore-needs-yes = This replaces the catalogue and its key (what is there is set aside). Stop the service, then run it with --yes.
restore-cut-off = A restore was broken off before { $path } was in its place. Run the restore again.
restore-done = Restored.
restore-aside = What was there is in { $path }; remove it when all is well.
restore-not-noted = It is restored, but that could not be written into the audit log: { $why }
restore-next = Next: start the service and run verify. Whose tokens were renewed after the backup must authorise again (see members list); recordings that came after it are found again by the patrol.
# trash, holds, retention
help-recordings-trash = Put recordings in the trash: they are shown to nobody and not fetched; for 30 days they can be put back
help-recordings-trash-tokens = minute_tokens, or addresses of minutes' pages
help-recordings-restore = Put recordings in the trash back, as they were
help-recordings-restore-tokens = minute_tokens, or addresses of minutes' pages
help-holds = Legal holds: what may not be removed
help-holds-list = All holds: on what, why, by whom
help-holds-list-all = Those that were lifted, too
help-retention = The rules by which old recordings go to the trash
help-retention-list = All rules, and how much each would take now
help-retention-dry-run = What a rule would take now; nothing is changed
help-retention-dry-run-rule = The rule's number, as "retention list" shows it
column-hold = hold
column-placed = placed
column-lifted = lifted
column-rule = rule
column-age = older than
column-kind = kind
column-on = on since
column-would-take = would take
trash-put = {$token}: is in the trash. To put it back within 30 days: minutes-vault recordings restore {$token}
trash-restored = {$token}: is back, as it was.
trash-unknown = {$token}: there is no such recording there; nothing was changed.
trash-held = {$token}: a legal hold is on it; nothing was changed. Which: minutes-vault holds list
trash-busy = {$token}: is being fetched or moved right now; nothing was changed. Try again later.
holds-none = There is no legal hold.
retention-none = There is no rule: nothing goes by itself. Rules are made on the page "Storage".
retention-unknown = There is no rule {$rule}; all rules: minutes-vault retention list
retention-days = {$days} days
retention-would-take = The rule would take {$count} recordings, {$size}. Nothing was changed.
members-purge-held = {$name} ({$id}) cannot be removed with their files: legal holds are on them or on recordings of theirs. Nothing was removed. Have these holds lifted first (page "Storage"):
