# On every page
site-name = Meeting recordings archive
site-skip = Skip to content
site-switch-language = 中文
site-footer = Runs on your company's own server; recordings stay inside the company.
request-id = Request: { $id }

# The authorisation page
start-title = Have your meeting recordings archived for you
start-lead = Authorise once, and from then on every minute (妙记) of yours is kept in the company's archive by itself: audio, video, transcript and notes. There is nothing more to do after that.
start-lead-company-record = For an administrator: with this authorisation the archive can also read the company's own list of meetings, and so tell which recordings are missing, of everybody. It takes the meeting-management right of the Feishu admin console.
start-lead-company = Authorise once, and from then on every minute (妙记) of yours is kept in { $company }'s archive by itself: audio, video, transcript and notes. There is nothing more to do after that.
start-grants = What you will grant
start-promises = What you can rely on
start-promise-own = Only recordings that you own are archived; one that you can see anyway is fetched with your grant only while its owner has not authorised.
start-promise-inside = Recordings stay on the company's own server and are sent to no third party.
start-promise-read-only = We only read; nothing of yours in Feishu is changed or deleted.
start-promise-withdraw = You can withdraw at any time: cancel this app's authorisation in Feishu's settings, or tell the administrator. No new recordings are fetched after that.
start-button = Authorise in Feishu
start-button-hint = This opens Feishu's own page, where you confirm; we never see your password.
start-done-before = Authorised before?

# Each scope: what it is for
scope-offline-access = Go on working while you are away, so that you authorise only once
scope-minutes-minutes-basic-read = See a minute's title, time and length
scope-minutes-minutes-search-read = Find your minutes, so that none is missed
scope-minutes-minutes-media-export = Download a minute's audio and video
scope-minutes-minutes-transcript-export = Download a minute's transcript and captions
scope-vc-rooms-room-detailinfo-read = For administrators: read the list of the whole company's meetings and whether each was recorded
scope-minutes-minutes-artifacts-read = Read a minute's AI notes: summary, chapters, to-dos

# Each scope: what it means to lack it
scope-offline-access-missing = The authorisation ends after about two hours; later recordings are not archived.
scope-minutes-minutes-basic-read-missing = Titles and owners stay unknown, and recordings may not be archived.
scope-minutes-minutes-search-read-missing = The patrol cannot find your recordings; only Feishu's events can, and some may be missed.
scope-minutes-minutes-media-export-missing = Your audio and video cannot be downloaded.
scope-minutes-minutes-transcript-export-missing = Transcripts and captions cannot be kept; audio and video can.
scope-vc-rooms-room-detailinfo-read-missing = The company's own list of meetings cannot be read; coverage shows only what members can see.
scope-minutes-minutes-artifacts-read-missing = AI notes cannot be kept; audio and video can.

# Authorised
welcome-title = { $name }, you have authorised
welcome-what = Your meeting recordings are archived by themselves. You can close this page now.
welcome-next = What happens next
welcome-next-find = Your recent minutes are being looked for; those found, and all to come, are archived by themselves.
welcome-next-ready = Right after a meeting, Feishu needs some time to make the recording; the archive waits for it.
welcome-next-year = An authorisation lasts 365 days at most; after that you are asked once more.
welcome-look = Sign in to see your recordings
welcome-part-title = { $name }, your authorisation has arrived, but part of it is missing
welcome-part-what = What can be done has begun; the following is still missing.
welcome-missing = Missing permissions
welcome-missing-fix = Please pass this page to the administrator, who opens these permissions for the app in Feishu's developer console and publishes a version. Then authorise once more.
welcome-short-title = This authorisation ends in about two hours
welcome-short = Feishu gave no lasting authorisation. The administrator opens the permission offline_access for the app, switches on “refresh user_access_token” in its security settings, and publishes a version. Then authorise once more.

# Not authorised: what happened, what to do
notice-start-again = Start again
notice-detail = For the administrator
notice-declined-title = You did not authorise
notice-declined-what = You chose to refuse on Feishu's page. Nothing was stored.
notice-declined-do = If that was a slip, start again. If you would rather not, just close this page; your recordings are not archived.
notice-platform-title = Feishu did not finish this step
notice-platform-what = Feishu answered with an error. Nothing was stored.
notice-platform-do = Please start again. If this comes back, pass the lines below to the administrator: most often the app lacks a permission, or the redirect URL is not on its list.
notice-not-yours-title = This link was used already, or cannot be used here
notice-not-yours-what = A link works once, and only in the browser that started. If you have just seen that you have authorised, all is well and there is nothing more to do.
notice-not-yours-do = If you had not finished, start again in this browser, and let it keep cookies.
notice-stale-title = This page lay open too long
notice-stale-what = More than an hour has passed since you opened the page. To be safe this attempt no longer counts. Nothing was stored.
notice-stale-do = Please start again; it takes a minute.
notice-no-code-title = Feishu's answer is incomplete
notice-no-code-what = Feishu sent you back without an authorisation code. Nothing was stored.
notice-no-code-do = Please start again. If this comes back, tell the administrator.
notice-code-refused-title = The authorisation code no longer works
notice-code-refused-what = Feishu's one-time code was used already, or is older than five minutes. If you have just seen that you have authorised, all is well and there is nothing more to do.
notice-code-refused-do = If you had not finished, start again, and confirm on Feishu's page without a long break.
notice-administrator-title = The app's settings need the administrator
notice-administrator-what = You did nothing wrong: Feishu refused because of the app's settings. Nothing was stored.
notice-administrator-do = Please pass the lines below to the administrator, and start again when it is mended. The administrator can run minutes-vault doctor to find the cause.
notice-not-allowed-title = Your account may not use this app yet
notice-not-allowed-what = Feishu says that your account is unavailable or outside the app's availability range. Nothing was stored.
notice-not-allowed-do = The administrator adds you to the app's availability range; then start again.
notice-try-later-title = Feishu does not answer right now
notice-try-later-what = Feishu or the network has trouble, so this step could not be finished. Nothing was stored.
notice-try-later-do = Please start again in a few minutes. If it stays like this, tell the administrator.
notice-not-stored-title = Your authorisation cannot be stored right now
notice-not-stored-what = Feishu agreed, but the database here is not available, so the authorisation was not kept.
notice-not-stored-do = Please tell the administrator, and start again in a few minutes. The service's log says why.
notice-bad-host-title = This address cannot be recognised
notice-bad-host-what = The browser named a server that is not a proper host name, so there is no address for Feishu to send you back to.
notice-bad-host-do = Please open the link that your company gave you. The administrator can set server.public_url.
notice-not-found-title = There is no such page
notice-not-found-what = What you are looking for is not here; the address may be wrong.
notice-not-found-do = Check the address. If somebody sent you the link to a recording: it opens for its owner and for those who attended.
notice-wrong-method-title = This address is not for browsers
notice-wrong-method-what = Feishu or a monitoring system calls it; there is nothing to see.
notice-wrong-method-do = To have your recordings archived, start here.
notice-broken-title = Something went wrong here
notice-broken-what = The service met an error that nobody foresaw. What is archived is safe.
notice-broken-do = Please try again later. If this comes back, tell the administrator the request number below.
notice-sign-in-again = Sign in
notice-home = To the front page
notice-other-company-title = This is open to people of this company only
notice-other-company-what = The account that you use in Feishu belongs to another company. Nothing was stored.
notice-other-company-do = Switch to this company's account in Feishu, then sign in again.
notice-link-void-title = This one-time link is void
notice-link-void-what = The first administrator's link works once, and each start of the service makes a new one.
notice-link-void-do = Use the link that the service printed at its latest start. If there is an administrator already, ask them to add your open_id to company.administrators.
notice-too-many-title = Too many tries to sign in
notice-too-many-what = Too many tries came from your network address, and for now no more are taken.
notice-too-many-do = Try again in a minute. If it stays like this, tell the administrator.
notice-too-fast-title = Too many requests
notice-too-fast-what = More requests came in one minute than this service answers for one session or token.
notice-too-fast-do = Wait a minute and go on, more slowly. If a program of yours makes them, let it heed Retry-After.
notice-administrators-only-title = This page is for administrators
notice-administrators-only-what = You have signed in, but your account is not an administrator here.
notice-administrators-only-do = If you need it, ask a present administrator to put the open_id below into company.administrators and to restart the service.
notice-overseers-only-title = This page is for administrators and auditors
notice-overseers-only-what = You have signed in, but your account is neither an administrator nor an auditor here.
notice-overseers-only-do = If you need it, ask the administrator to put the open_id below into company.auditors or company.administrators and to restart the service.
notice-bad-form-title = Nothing was done
notice-bad-form-what = The form was incomplete, or was not sent by one of the pages here. To be safe, nothing was changed.
notice-bad-form-do = Go back to the page, reload it, and try again.
notice-not-now-title = This cannot be read right now
notice-not-now-what = The database here is not available. What is archived is safe.
notice-not-now-do = Please try again in a while. If it stays like this, tell the administrator; the service's log says why.

# Signing in
sign-in-title = Sign in to the archive
sign-in-lead = Sign in with your Feishu account to see the recordings in the company's archive that you may see.
sign-in-first = This is the one-time link of the first administrator: whoever signs in by it becomes the administrator here.
sign-in-callback = Before anybody can sign in, this redirect URL must stand under "Security settings" in Feishu's developer console:
sign-in-promise-identity = We only learn who you are (name and open_id); no other permission is asked for.
sign-in-promise-own = You see recordings that you own or whose meetings you attended.
sign-in-promise-logged = Signing in, viewing, playing and downloading are written into the audit log.
sign-in-button = Sign in with Feishu
sign-in-hint = This opens Feishu's own page, where you confirm. Not authorised archiving yet?
sign-in-authorise = Authorise

notice-bad-token-title = A token is needed
notice-bad-token-what = The request brought no token that is good; it may have ended.
notice-bad-token-do = Make one on the page "API tokens" and send it as Authorization: Bearer.
notice-lacks-scope-title = The token is not good for this
notice-lacks-scope-what = This token does not name the scope that this door asks for.
notice-lacks-scope-do = Make one that does on the page "API tokens".
notice-bad-query-title = A parameter does not fit
notice-bad-query-what = A parameter is not as the API's document has it.
notice-bad-query-do = Compare it with /api/v1/openapi.json.
# How it looks
theme-label = Appearance
theme-system = As the system
theme-light = Light
theme-dark = Dark

notice-sign-in-declined-title = You did not sign in
notice-sign-in-declined-what = You chose to refuse on Feishu's page. You are not signed in, and nothing was stored.
notice-sign-in-declined-do = If that was a slip, sign in again. An authorisation that you have given stays as it is.
notice-sign-in-not-stored-title = Signing in is not possible right now
notice-sign-in-not-stored-what = Feishu told us who you are, but the database here is not available.
notice-sign-in-not-stored-do = Try again in a few minutes, and tell the administrator. The service's log says why. An authorisation that you have given stays as it is.
