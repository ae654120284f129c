# The library
nav-library = Recordings
nav-search = Search
library-heading = Recordings
library-untitled = (untitled)
library-shelves = Which recordings
library-shelf-open = Mine and attended
library-shelf-mine = Mine
library-shelf-shared = Attended
library-shelf-all = Everybody's
library-sort-made = Date
library-sort-length = Length
library-sort-title = Title
library-view-table = Table
library-view-cards = Cards
library-filters = Filters
library-person = Owner's name
library-from = From
library-until = Until
library-shortest = At least, minutes
library-longest = At most, minutes
library-kind = Kind
library-any = any
library-video = video
library-audio = audio
library-with-transcript = with transcript
library-apply = Show
library-clear = Clear filters
library-everybody = Of everybody
library-count = { $count ->
    [0] No recordings
    [one] One recording
   *[other] { $count } recordings
}
library-count-many = { $count } recordings or more
library-empty = There is nothing here yet. Recordings that you own or attended appear by themselves once they are archived; if you have set filters, try with fewer.
library-authorise = Authorise archiving
library-locked = Of recordings without a link you see what they are, and cannot open what is in them.
library-title = Title
library-owner = Owner
library-made = Date
library-length = Length
library-size = Size
library-what = What is here
library-state = State
library-transcript = transcript
library-summary = summary
library-only-here = deleted at the source, kept here
library-tick = tick
library-tick-all = Tick all rows of this page
library-ticked = Ticked recordings:
library-zip = Download files (ZIP)
library-next = Next page

# Tables to take away
sheet-minutes = Minutes
sheet-bytes = Bytes
sheet-token = Minute token
sheet-address = Address
sheet-yes = yes
sheet-no = no

# The player
player-source = In Feishu
player-people = With:
player-kept-only-here = Deleted at the source; kept here.
player-source-unasked = Feishu has not been asked for its own copy since this was archived.
player-source-there = The copy on Feishu: still there when asked at { $moment }.
player-source-gone = The copy on Feishu: deleted since { $moment }; kept here.
player-source-lost = The copy on Feishu: deleted since { $moment }, and not kept here either.
player-source-unknown = The copy on Feishu: nobody could tell whether it is still there when asked at { $moment }.
player-without-media = There is nothing to play:
player-captions = Captions
player-chapters = Chapters
player-download = Download
player-other-files = Transcript and other files
player-speed = Speed
player-copy-link = Copy link to this second
player-copy-quote = Copy quotation
player-copied = Copied
player-summary = Summary
player-todos = To-dos
player-transcript = Transcript
player-covers = The transcript covers { $covered } of { $all } minutes. That is all that Feishu gave, perhaps because free editions transcribe only the first minutes.
player-no-transcript = There is no transcript here.
player-follow = Follow
player-notes = AI notes
player-panels = Transcript or notes
player-next-found = Next recording in which this is found
player-proof = Files and proof
player-proof-what = Each file was hashed while it was fetched, and is read again and compared from time to time. Whoever has a file can compare its SHA-256 with the one here.
player-sources = How this recording became known
proof-file = File
proof-state = State
proof-size = Size
proof-plays = Plays
proof-fetched = Fetched
proof-read-again = Last read again

# Keys
keys-title = Keys
keys-play = play or pause
keys-five = five seconds back or ahead
keys-ten = ten seconds back or ahead
keys-speed = slower or faster
keys-mute = sound off or on
keys-captions = captions on or off
keys-full = full screen
keys-hits = next or previous place found
keys-link = copy a link to this second
keys-quote = copy the selected or present sentence with its source
keys-search = search
keys-play-hit = play the place that is chosen
keys-this = this list
keys-close = Close

# The search
search-heading = Search
search-label = Search in recordings
search-hint = Words, names, initials (zh), "a phrase"
search-go = Search
search-how = Finds titles, people, transcripts and notes. Several words must all be there; "quotes" keep words together; names and titles are also found by their pinyin initials. Keys: n and p go from place to place, Enter plays.
search-count = { $count ->
    [0] Nothing found
    [one] Found in one recording
   *[other] Found in { $count } recordings
}
search-count-many = Found in 1,000 recordings or more
search-people = People:
search-notes = Notes
search-more = { $count ->
    [one] One more place
   *[other] { $count } more places
}
search-waiting = Some recordings are still being made ready for the search and may be missing here.

# Who tried
verb-refused = Asked for what is not theirs or is not there

# In a ZIP file
zip-left-out-name = left out.txt
zip-left-out = These files are not in this ZIP file:
zip-not-theirs = you may not open it
zip-gone = it is no longer here
