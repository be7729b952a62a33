import type { AnyChannel } from '../port.ts'
import { console } from './console.ts'
import { discord } from './discord.ts'
import { email } from './email.ts'
import { log } from './log.ts'
import { matrix } from './matrix.ts'
import { msteams } from './msteams.ts'
import { msteamsv2 } from './msteamsv2.ts'
import { ntfy } from './ntfy.ts'
import { oncall } from './oncall.ts'
import { opsgenie } from './opsgenie.ts'
import { pagerduty } from './pagerduty.ts'
import { pushover } from './pushover.ts'
import { slack } from './slack.ts'
import { telegram } from './telegram.ts'
import { twilio } from './twilio.ts'
import { webhook } from './webhook.ts'

/** Every kind of channel there is. */
export const channels: readonly AnyChannel[] = [
  console,
  discord,
  email,
  log,
  matrix,
  msteams,
  msteamsv2,
  ntfy,
  oncall,
  opsgenie,
  pagerduty,
  pushover,
  slack,
  telegram,
  twilio,
  webhook,
]
