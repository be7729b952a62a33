import type { ListenerDefinition, ReceiverDefinition } from '../port.ts'
import { cloudwatch } from './cloudwatch.ts'
import { otlp } from './otlp.ts'
import { push } from './push.ts'
import { pushgateway } from './pushgateway.ts'
import { remoteWrite } from './remote-write.ts'
import { statsd } from './statsd.ts'

/** Every protocol that clients push by. */
export const receivers: readonly ReceiverDefinition[] = [remoteWrite, pushgateway, otlp, push, cloudwatch]

/** Every protocol with a port of its own. */
export const listeners: readonly ListenerDefinition[] = [statsd]
