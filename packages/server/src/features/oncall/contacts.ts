// From a person to the channels that reach them: each contact is an integration of its own.
import type { Integration } from '../../notify/port.ts'
import type { Contact, OnCallPlan, Recipient } from './port.ts'

type Carrier = Pick<Integration, 'receiver' | 'channel'>

/** The channel that carries a contact; undefined where none does. */
function carrierOf<One extends Carrier>({ address, channel }: Contact, among: readonly One[]): One | undefined {
  return among.find((one) => {
    if (channel !== undefined && one.receiver !== channel) return false
    return address === undefined || one.channel.personal?.address === address.kind
  })
}

/** Whether a channel reaches single addresses of a kind: for the check of a configuration. */
export const reaches =
  (among: readonly Carrier[]) =>
  (kind: string, channel: string | undefined): boolean =>
    among.some((one) => one.channel.personal?.address === kind && (channel === undefined || one.receiver === channel))

/** The receiver's name of a person's integrations: no channel can have it. */
const receiverOf = (person: string): string => `oncall/${person}`

/** One for each contact of each person: like the channel that carries it, but for that address alone. */
export function personalIntegrations(plan: OnCallPlan, channels: readonly Integration[]): readonly Integration[] {
  return plan.people.flatMap(({ name, contacts }) =>
    contacts.flatMap((contact, i): Integration[] => {
      const carrier = carrierOf(contact, channels)
      if (carrier === undefined) return []
      const { address } = contact
      const config =
        address === undefined ? carrier.config : carrier.channel.personal?.config(carrier.config, address.value)
      return [{ ...carrier, key: `${receiverOf(name)}/${i}`, receiver: receiverOf(name), config, sendsResolved: true }]
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
