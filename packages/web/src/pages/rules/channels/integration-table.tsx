import type { DeliveryItem } from '@tidewatch/api/notify.ts'
import type { Integration } from '../../../data/notify.ts'
import { Age } from '../../../ui/age.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { StateWord } from '../../../ui/glyph.tsx'
import { formatSeconds } from '../../../ui/units.ts'
import { OutcomeWord } from './outcome-word.tsx'

interface IntegrationTableProps {
  readonly integrations: readonly Integration[]
  /** Of tests that were made here, by key; `undefined` while one is under way. */
  readonly tests: ReadonlyMap<string, DeliveryItem | 'testing'>
  /** Undefined: the one who looks may not. */
  readonly onTest: ((key: string) => void) | undefined
  readonly onOpen: (key: string) => void
}

/** Every way in which somebody is told, with how it went last. */
export function IntegrationTable({ integrations, tests, onTest, onOpen }: IntegrationTableProps) {
  return (
    <DataTable
      name="Channels"
      columns={columns(tests, onTest)}
      rows={integrations}
      rowKey={({ key }) => key}
      onOpen={({ key }) => onOpen(key)}
    />
  )
}

const stateOrder = { failing: 0, working: 1, idle: 2 } as const

function IntegrationState({ state }: Pick<Integration, 'state'>) {
  switch (state) {
    case 'failing':
      return <StateWord state="critical">failing</StateWord>
    case 'working':
      return <StateWord state="fine">works</StateWord>
    case 'idle':
      return <StateWord state="no-data">nothing sent for 30 days</StateWord>
    default:
      return state satisfies never
  }
}

const columns = (
  tests: IntegrationTableProps['tests'],
  onTest: IntegrationTableProps['onTest'],
): readonly Column<Integration>[] => [
  {
    key: 'channel',
    title: 'Channel',
    sortBy: ({ key }) => key,
    cell: ({ receiver, title, origin, sendsResolved }) => (
      <div className="cell-lines">
        <span className="label break">{receiver}</span>
        <span className="small third">
          {title}, {origin}
          {!sendsResolved && ', not told of what is over'}
        </span>
      </div>
    ),
  },
  {
    key: 'state',
    title: 'State',
    sortBy: ({ state }) => stateOrder[state],
    cell: ({ state, waiting, failed }) => (
      <div className="cell-lines">
        <IntegrationState state={state} />
        {waiting + failed > 0 && (
          <span className="small second">
            {[waiting > 0 ? `${waiting} waiting` : '', failed > 0 ? `${failed} given up` : '']
              .filter((part) => part !== '')
              .join(', ')}
          </span>
        )}
      </div>
    ),
  },
  {
    key: 'last',
    title: 'Last message',
    wideOnly: true,
    sortBy: ({ last }) => last?.atMs ?? 0,
    cell: ({ last }) =>
      last === null ? (
        <span className="third">none</span>
      ) : (
        <div className="cell-lines">
          <span>
            <Age atMs={last.atMs} /> <span className="third">in {formatSeconds(last.durationMs / 1000)}</span>
          </span>
          <span className="small second break">{last.detail}</span>
        </div>
      ),
  },
  {
    key: 'test',
    title: 'Test',
    numeric: true,
    cell: ({ key }) => <TestCell channel={key} result={tests.get(key)} onTest={onTest} />,
  },
]

function TestCell({
  channel,
  result,
  onTest,
}: {
  readonly channel: string
  readonly result: DeliveryItem | 'testing' | undefined
  readonly onTest: ((key: string) => void) | undefined
}) {
  return (
    <div className="channel-test">
      {onTest !== undefined && (
        <button
          type="button"
          className="button little"
          disabled={result === 'testing'}
          aria-label={`Send a test by ${channel}`}
          onClick={(event) => {
            event.stopPropagation()
            onTest(channel)
          }}
        >
          {result === 'testing' ? 'Sending' : 'Send a test'}
        </button>
      )}
      <span role="status">
        {result !== undefined && result !== 'testing' && (
          <>
            <OutcomeWord outcome={result.outcome} />{' '}
            <span className="small second break channel-answer">
              {result.detail}, {formatSeconds(result.durationMs / 1000)}
            </span>
          </>
        )}
      </span>
    </div>
  )
}
