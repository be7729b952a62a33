import type { ListenerDefinition, ReceiverDefinition } from '../port.ts'
import { beats } from './beats.ts'
import { cloudwatch } from './cloudwatch.ts'
import { elasticsearch } from './elasticsearch.ts'
import { gelf } from './gelf.ts'
import { gelfHttp } from './gelf-http.ts'
import { logLines } from './logs.ts'
import { logstash } from './logstash.ts'
import { loki } from './loki.ts'
import { otlp } from './otlp.ts'
import { push } from './push.ts'
import { pushgateway } from './pushgateway.ts'
import { remoteWrite } from './remote-write.ts'
import { statsd } from './statsd.ts'
import { syslog } from './syslog.ts'

/** Every protocol that clients push by. */
export const receivers: readonly ReceiverDefinition[] = [
  remoteWrite,
  pushgateway,
  otlp,
  push,
  cloudwatch,
  logLines,
  loki,
  gelfHttp,
  elasticsearch,
]

/** Every protocol with a port of its own. */
export const listeners: readonly ListenerDefinition[] = [statsd, logstash, beats, syslog, gelf]
