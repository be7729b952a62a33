import { useQuery } from '@tanstack/react-query'
import type { OnCallPlanAnswer } from '@tidewatch/api/oncall.ts'
import { useState } from 'react'
import { problemOf } from '../../data/client.ts'
import { type FeedKind, feedQuery, onCallNowQuery, useRenewFeed } from '../../data/oncall.ts'
import { useMay } from '../../data/session.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { SureButton } from '../../ui/sure-button.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { type PersonColours, PersonName } from './person.tsx'

type Person = OnCallPlanAnswer['people'][number]

interface PeopleTabProps {
  readonly plan: OnCallPlanAnswer
  readonly colours: PersonColours
}

/** People with how they are reached, and calendars for their phones. */
export function PeopleTab({ plan, colours }: PeopleTabProps) {
  const now = useQuery({ ...onCallNowQuery, refetchInterval: 30_000 })
  const turnsOf = (person: string): string[] =>
    (now.data?.schedules ?? []).filter((one) => one.now.person === person).map(({ schedule }) => schedule)
  return (
    <>
      <section className="section" aria-label="People">
        <div className="section-head">
          <h2>People</h2>
          <span className="small third">Addresses stand in tidewatch.yml and are not told here.</span>
        </div>
        {plan.people.length === 0 ? (
          <p className="second">
            Nobody is named yet: write them under <code>oncall.people</code> in tidewatch.yml.
          </p>
        ) : (
          <DataTable
            name="People"
            columns={peopleColumns(colours, turnsOf)}
            rows={plan.people}
            rowKey={({ name }) => name}
          />
        )}
      </section>
      {plan.schedules.length > 0 && (
        <section className="section" aria-label="Calendars of schedules">
          <div className="section-head">
            <h2>Calendars of schedules</h2>
            <span className="small third">For the calendar on a phone; whoever has the address can read it.</span>
          </div>
          <DataTable name="Calendars" columns={scheduleColumns} rows={plan.schedules} rowKey={({ name }) => name} />
        </section>
      )}
    </>
  )
}

const kindWords: Readonly<Record<string, string | undefined>> = {
  email: 'Email',
  phone: 'Phone',
  telegram: 'Telegram',
  slack: 'Slack',
  channel: 'Channel',
}

function contactText({ kind, channel }: Person['contacts'][number]): string {
  const word = kindWords[kind] ?? kind
  if (channel === null) return word
  return kind === 'channel' ? `${word} ${channel}` : `${word} by ${channel}`
}

const peopleColumns = (
  colours: PersonColours,
  turnsOf: (person: string) => readonly string[],
): readonly Column<Person>[] => [
  {
    key: 'name',
    title: 'Name',
    sortBy: ({ name }) => name,
    cell: ({ name, timeZone }) => (
      <div className="cell-lines">
        <PersonName person={name} colours={colours} />
        {timeZone !== null && <span className="small third">{timeZone}</span>}
      </div>
    ),
  },
  {
    key: 'now',
    title: 'On call now',
    sortBy: ({ name }) => turnsOf(name).join(' '),
    cell: ({ name }) => {
      const turns = turnsOf(name)
      return turns.length === 0 ? <span className="third">no</span> : <span className="break">{turns.join(', ')}</span>
    },
  },
  {
    key: 'contacts',
    title: 'Reached by',
    wideOnly: true,
    cell: ({ contacts }) =>
      contacts.length === 0 ? (
        <span className="warn">nothing: write contacts</span>
      ) : (
        <ul>
          {contacts.map((contact, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two may be alike, and the list does not change its order
            <li key={i} className="break">
              {contactText(contact)}
            </li>
          ))}
        </ul>
      ),
  },
  { key: 'feed', title: 'Calendar', cell: ({ name }) => <Feed kind="person" name={name} /> },
]

const scheduleColumns: readonly Column<OnCallPlanAnswer['schedules'][number]>[] = [
  {
    key: 'name',
    title: 'Schedule',
    sortBy: ({ name }) => name,
    cell: ({ name, timeZone }) => (
      <div className="cell-lines">
        <span className="break">{name}</span>
        <span className="small third">{timeZone}</span>
      </div>
    ),
  },
  {
    key: 'layers',
    title: 'Layers',
    wideOnly: true,
    cell: ({ layers }) => (
      <ul>
        {layers.map(({ name, people, restricted }) => (
          <li key={name} className="break">
            {name}: <span className="second">{people.join(', ')}</span>
            {restricted && <span className="third">, at some hours</span>}
          </li>
        ))}
      </ul>
    ),
  },
  { key: 'feed', title: 'Calendar', cell: ({ name }) => <Feed kind="schedule" name={name} /> },
]

/** The secret address of a calendar: asked for when it is wanted, renewed when it got about. */
function Feed({ kind, name }: { readonly kind: FeedKind; readonly name: string }) {
  const [shown, setShown] = useState(false)
  const feed = useQuery({ ...feedQuery(kind, name), enabled: shown })
  const renew = useRenewFeed(kind, name)
  const toast = useToast()
  const mayEdit = useMay('editor')
  if (!shown)
    return (
      <button
        type="button"
        className="button little"
        aria-label={`Show the calendar's address of ${name}`}
        onClick={() => setShown(true)}
      >
        Show address
      </button>
    )
  if (feed.error !== null) return <span className="crit small">{problemOf(feed.error).what}</span>
  if (feed.data === undefined) return <span className="small third">Reading</span>
  return (
    <div className="feed">
      <code className="chip">{feed.data}</code>
      <CopyButton text={feed.data} />
      {mayEdit && (
        <SureButton
          word="Renew"
          what={`the calendar's address of ${name}; the present one ends`}
          onSure={() =>
            renew.mutate(undefined, {
              onSuccess: () => toast({ text: `The former address of ${name}'s calendar has ended.` }),
              onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
            })
          }
        />
      )}
    </div>
  )
}
