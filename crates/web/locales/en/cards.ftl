# The bot's cards to one person (archive::notify::Matter); open: something is asked or told, over: it is over.

card-you = You
card-button = Open the authorisation page

card-invitation-open-title = Please let your meeting recordings be archived
card-invitation-open-text = Your company keeps its Feishu meeting recordings (minutes) with minutes-vault. Open the authorisation page and click "Authorise" once, and yours are archived from then on ({$count} are waiting). You can withdraw it in Feishu at any time.
card-invitation-over-title = Authorised, thank you
card-invitation-over-text = { $count ->
    [one] One recording was archived; future ones follow by themselves.
   *[other] {$count} recordings were archived; future ones follow by themselves.
}

card-ending-open-title = Please authorise again
card-ending-open-text = {$name}, your authorisation ends on {$until} ({$days} days left): Feishu lets it last 365 days. Open the authorisation page and click "Authorise" once more, and archiving goes on without a gap.
card-ending-over-title = Authorised again, thank you
card-ending-over-text = { $count ->
    [one] One recording was caught up with; archiving goes on.
   *[other] {$count} recordings were caught up with; archiving goes on.
}

card-ended-open-title = Please authorise again
card-ended-open-text = {$name}, your authorisation to archive meeting recordings has ended, or lacks a permission that is needed by now. If yours are still to be archived, open the authorisation page and click "Authorise" once more.
card-ended-over-title = Authorised again, thank you
card-ended-over-text = { $count ->
    [one] One recording was caught up with; archiving goes on.
   *[other] {$count} recordings were caught up with; archiving goes on.
}

card-unreachable-open-title = Somebody's recordings are out of reach
card-unreachable-open-text = The authorisation of {$name} is over. What is archived stays; {$count} of their recordings are not, and need another member who can see them. Details: minutes-vault recordings list --owner.
card-unreachable-over-title = Authorised again
card-unreachable-over-text = {$name} has authorised again; archiving goes on.

card-standstill-open-title = Archiving stands still
card-standstill-open-text = {$what}
card-standstill-over-title = Archiving goes on
card-standstill-over-text = This is over: {$what}

card-summary-open-title = Meeting recordings: the week
card-summary-open-text = For details: minutes-vault status.
card-summary-over-title = Meeting recordings: the week
card-summary-over-text = It is over.
card-summary-archived = Archived last week: {$count}
card-summary-kept = Archived in all: {$count}
card-summary-open = Not archived yet: {$count}
card-summary-denied = Export denied: {$count}
card-summary-active = Members whose authorisation works: {$count}
card-summary-inactive = Members who need attention: {$count}

# What can hold everything up (archive::notify::Standstill)
standstill-disk = The archive's disk is full, not mounted, or cannot be written.
standstill-disk-fix = Free some space, or check that the disk is mounted and may be written; work then goes on by itself.
standstill-credentials = Feishu refuses the app's credentials, or the app is disabled.
standstill-credentials-fix = Check App ID and App Secret, and the app's state in the developer console; minutes-vault doctor tells what is wrong.
standstill-silence = No event has come for long, although the patrol finds new recordings.
standstill-silence-fix = The patrol still brings them, only later. Check the request URL under "Events & Callbacks" in the developer console, and the reverse proxy.
standstill-queue = Work is due, and for long nothing has got done.
standstill-queue-fix = Look at the log of the service, and run minutes-vault status.
