import { useInfiniteQuery } from '@tanstack/react-query'
import { type DeliveryItem, deliveryOutcome } from '@tidewatch/api/notify.ts'
import { toLoadable } from '../../../data/loadable.ts'
import { deliveriesQuery, type Integration } from '../../../data/notify.ts'
import { searchText } from '../../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../../data/use-range.ts'
import { Age } from '../../../ui/age.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import { formatSeconds } from '../../../ui/units.ts'
import { OutcomeWord, outcomeWords } from './outcome-word.tsx'

/** Each attempt of the last 30 days, newest first; filtered by channel, outcome and message. */
export function DeliveryLog({ integrations }: { readonly integrations: readonly Integration[] }) {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const filter = {
    integration: searchText(search, 'channel'),
    outcome: deliveryOutcome.safeParse(searchText(search, 'outcome')).data,
    notification: searchText(search, 'message'),
  }
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  const log = useInfiniteQuery({ ...deliveriesQuery(filter), refetchInterval: 10_000 })
  const columns = logColumns((message) => setSearch({ message }, { replace: true }))
  return (
    <section className="section" aria-label="Delivery log">
      <div className="section-head channel-filter">
        <h2>Delivery log</h2>
        <ChannelSelect integrations={integrations} chosen={filter.integration} />
        <select
          className="select"
          aria-label="Outcome"
          value={filter.outcome ?? ''}
          onChange={(event) =>
            setSearch({ outcome: event.target.value === '' ? undefined : event.target.value }, { replace: true })
          }
        >
          <option value="">Every outcome</option>
          {deliveryOutcome.options.map((one) => (
            <option key={one} value={one}>
              {outcomeWords[one]}
            </option>
          ))}
        </select>
        {filter.notification !== undefined && (
          <button
            type="button"
            className="link small"
            onClick={() => setSearch({ message: undefined }, { replace: true })}
          >
            One message alone: show all
          </button>
        )}
      </div>
      <Loaded
        of={toLoadable(log)}
        what="the delivery log"
        height={160}
        isEmpty={({ pages }) => pages.every(({ deliveries }) => deliveries.length === 0)}
        empty={
          <p className="second">
            {isFiltered ? 'No attempt matches the filter.' : 'Nothing was sent in the last 30 days.'}
          </p>
        }
      >
        {({ pages }) => (
          <>
            <DataTable
              name="Deliveries"
              columns={columns}
              rows={pages.flatMap(({ deliveries }) => deliveries)}
              rowKey={({ id }) => id}
            />
            {log.hasNextPage && (
              <button
                type="button"
                className="button little"
                disabled={log.isFetchingNextPage}
                onClick={() => void log.fetchNextPage()}
              >
                {log.isFetchingNextPage ? 'Reading' : 'Show older ones'}
              </button>
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}

function ChannelSelect({
  integrations,
  chosen,
}: {
  readonly integrations: readonly Integration[]
  readonly chosen: string | undefined
}) {
  const setSearch = useSetSearch()
  // one that was taken out of the configuration is still in the log
  const isGone = chosen !== undefined && !integrations.some(({ key }) => key === chosen)
  return (
    <select
      className="select"
      aria-label="Channel"
      value={chosen ?? ''}
      onChange={(event) =>
        setSearch({ channel: event.target.value === '' ? undefined : event.target.value }, { replace: true })
      }
    >
      <option value="">Every channel</option>
      {isGone && <option value={chosen}>{chosen} (no longer configured)</option>}
      {integrations.map(({ key }) => (
        <option key={key} value={key}>
          {key}
        </option>
      ))}
    </select>
  )
}

const logColumns = (onMessage: (message: string) => void): readonly Column<DeliveryItem>[] => [
  { key: 'when', title: 'When', cell: ({ atMs }) => <Age atMs={atMs} /> },
  {
    key: 'channel',
    title: 'Channel',
    wideOnly: true,
    cell: ({ integration }) => <span className="break">{integration}</span>,
  },
  {
    key: 'outcome',
    title: 'Outcome',
    cell: ({ outcome, attempt, perhapsTwice }) => (
      <div className="cell-lines">
        <OutcomeWord outcome={outcome} />
        {(attempt > 1 || perhapsTwice) && (
          <span className="small third">
            attempt {attempt}
            {perhapsTwice && <span className="warn">, perhaps twice</span>}
          </span>
        )}
      </div>
    ),
  },
  {
    key: 'answer',
    title: 'Answer',
    cell: ({ detail, groupKey, durationMs, integration }) => (
      <div className="cell-lines">
        <span className="break">
          {detail} <span className="third small nowrap">in {formatSeconds(durationMs / 1000)}</span>
        </span>
        <span className="small third break">{groupText(groupKey)}</span>
        <span className="small third break phone-only">{integration}</span>
      </div>
    ),
  },
  {
    key: 'message',
    title: 'Message',
    titleHidden: true,
    numeric: true,
    wideOnly: true,
    cell: ({ notification, attempt }) => (
      <button
        type="button"
        className="link small"
        aria-label={`All attempts of this message, of which this is number ${attempt}`}
        onClick={() => onMessage(notification)}
      >
        All attempts
      </button>
    ),
  },
]

/** The group's labels, without the route before them. */
const groupText = (groupKey: string): string => {
  if (groupKey.startsWith('test/')) return 'a test'
  const at = groupKey.lastIndexOf(':{')
  return at < 0 ? groupKey : groupKey.slice(at + 1)
}
