import type { AnyChannel } from '../port.ts'
import { oncall } from './oncall.ts'
import { webhook } from './webhook.ts'

/** Every kind of channel there is. */
export const channels: readonly AnyChannel[] = [oncall, webhook]
