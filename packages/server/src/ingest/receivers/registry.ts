import type { ReceiverDefinition } from '../port.ts'
import { otlp } from './otlp.ts'
import { pushgateway } from './pushgateway.ts'
import { remoteWrite } from './remote-write.ts'

/** Every protocol that clients push by. */
export const receivers: readonly ReceiverDefinition[] = [remoteWrite, pushgateway, otlp]
