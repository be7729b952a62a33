// All types of `*_configs`, in the order in which Alertmanager tells those of one receiver. One file a type.
import type { ConfigOf } from './integration.ts'
import { discord } from './integrations/discord.ts'
import { email } from './integrations/email.ts'
import { incidentio } from './integrations/incidentio.ts'
import { jira } from './integrations/jira.ts'
import { mattermost } from './integrations/mattermost.ts'
import { msteams } from './integrations/msteams.ts'
import { msteamsv2 } from './integrations/msteamsv2.ts'
import { opsgenie } from './integrations/opsgenie.ts'
import { pagerduty } from './integrations/pagerduty.ts'
import { pushover } from './integrations/pushover.ts'
import { rocketchat } from './integrations/rocketchat.ts'
import { slack } from './integrations/slack.ts'
import { sns } from './integrations/sns.ts'
import { telegram } from './integrations/telegram.ts'
import { victorops } from './integrations/victorops.ts'
import { webex } from './integrations/webex.ts'
import { webhook } from './integrations/webhook.ts'
import { wechat } from './integrations/wechat.ts'

export const integrations = {
  webhook,
  email,
  pagerduty,
  opsgenie,
  wechat,
  slack,
  victorops,
  pushover,
  sns,
  telegram,
  discord,
  webex,
  msteams,
  msteamsv2,
  jira,
  rocketchat,
  mattermost,
  incidentio,
} as const

/** What each type is configured by: the keys of the file, secrets as `Secret`, durations in ms. */
export type IntegrationConfigs = { readonly [Type in keyof typeof integrations]: ConfigOf<(typeof integrations)[Type]> }
