// From a person to the channels that reach them: each contact is an integration of its own.
import type { Integration } from '../../notify/port.ts'
import type { Address, Contact, OnCallPlan, Recipient } from './port.ts'

/** The channel's options for a contact; undefined where it does not carry it. */
function configFor({ address, channel }: Contact, { receiver, channel: by, config }: Integration): unknown {
  if (channel !== undefined && receiver !== channel) return undefined
  if (address === undefined) return config
  return by.personal?.address === address.kind ? by.personal.config(config, address.value) : undefined
}

/** Whether a channel reaches single addresses of a kind: for the check of a configuration. */
export const reaches =
  (among: readonly Integration[]) =>
  (kind: Address['kind'], channel: string | undefined): boolean =>
    among.some((one) => configFor({ address: { kind, value: '' }, channel }, one) !== undefined)

/** The receiver's name of a person's integrations: no channel can have it. */
const receiverOf = (person: string): string => `oncall/${person}`

/** One for each contact of each person: like the channel that carries it, but for that address alone. */
export function personalIntegrations(plan: OnCallPlan, channels: readonly Integration[]): readonly Integration[] {
  return plan.people.flatMap(({ name, contacts }) =>
    contacts.flatMap((contact, i): Integration[] => {
      for (const { channel, rateLimits, ...carrier } of channels) {
        const config = configFor(contact, { channel, ...carrier })
        const receiver = receiverOf(name)
        if (config !== undefined)
          return [{ key: `${receiver}/${i}`, receiver, channel, config, sendsResolved: true, rateLimits }]
      }
      return []
    }),
  )
}

/** What a recipient is told by. */
export function integrationsOf(
  { kind, name }: Recipient,
  byReceiver: ReadonlyMap<string, readonly Integration[]>,
): readonly Integration[] {
  return byReceiver.get(kind === 'person' ? receiverOf(name) : name) ?? []
}

/** Whose address it is. */
export function personWith(plan: OnCallPlan, kind: string, value: string): string | undefined {
  return plan.people.find(({ contacts }) =>
    contacts.some(({ address }) => address?.kind === kind && address.value === value),
  )?.name
}
