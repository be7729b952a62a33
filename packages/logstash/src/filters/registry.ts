// The filters that are run, and those of Logstash that are not, with the way out.
import type { FilterDefinition } from '../filter.ts'
import { cidr } from './cidr.ts'
import { clone } from './clone.ts'
import { date } from './date.ts'
import { dissect } from './dissect.ts'
import { drop } from './drop.ts'
import { fingerprint } from './fingerprint.ts'
import { geoip } from './geoip.ts'
import { grok } from './grok.ts'
import { json } from './json.ts'
import { kv } from './kv.ts'
import { mutate } from './mutate.ts'
import { prune } from './prune.ts'
import { split } from './split.ts'
import { translate } from './translate.ts'
import { truncate } from './truncate.ts'
import { urldecode } from './urldecode.ts'
import { useragent } from './useragent.ts'
import { uuid } from './uuid.ts'

export const filters: readonly FilterDefinition[] = [
  cidr,
  clone,
  date,
  dissect,
  drop,
  fingerprint,
  geoip,
  grok,
  json,
  kv,
  mutate,
  prune,
  split,
  translate,
  truncate,
  urldecode,
  useragent,
  uuid,
]

export const refusedFilters: Readonly<Record<string, string>> = {
  age: 'Compare the time of a line in a search.',
  aggregate: 'Count and sum with a LogQL query or a log-based metric.',
  alter: 'Use mutate.',
  csv: 'Use dissect, or grok.',
  de_dot: 'Names with points are taken as they are: remove the filter.',
  dns: 'Names are not asked for while lines come in: remove the filter.',
  elapsed: 'Use traces, or a LogQL query over both lines.',
  elasticsearch: 'Events are not looked up while lines come in: remove the filter.',
  environment: 'Write ${NAME} in add_field of mutate.',
  http: 'Other services are not asked while lines come in: remove the filter.',
  i18n: 'Use mutate gsub.',
  jdbc_static: 'Use translate with a dictionary.',
  jdbc_streaming: 'Use translate with a dictionary.',
  json_encode: 'Fields are kept typed: remove the filter.',
  memcached: 'Other services are not asked while lines come in: remove the filter.',
  metricize: 'Use a log-based metric.',
  metrics: 'Use a log-based metric.',
  multiline: 'Use the multiline codec of the input.',
  ruby: 'Code is not run: write it with mutate, conditions, grok and translate.',
  sleep: 'Remove the filter.',
  syslog_pri: 'The syslog input reads the priority itself.',
  threats_classifier: 'Remove the filter.',
  throttle: 'Set limits of the project, or drop with percentage.',
  tld: 'Use grok or dissect.',
  wurfl_device_detection: 'Use useragent.',
  xml: 'Use grok or dissect.',
}
