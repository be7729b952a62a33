import { useQuery } from '@tanstack/react-query'
import type { DeliveryItem } from '@tidewatch/api/notify.ts'
import { useState } from 'react'
import { problemOf } from '../../../data/client.ts'
import { toLoadable } from '../../../data/loadable.ts'
import { integrationsQuery, useTestChannel } from '../../../data/notify.ts'
import { searchText } from '../../../data/search.ts'
import { useMay } from '../../../data/session.ts'
import { usePageSearch, useSetSearch } from '../../../data/use-range.ts'
import { Loaded } from '../../../ui/loaded.tsx'
import { useToast } from '../../../ui/toasts.tsx'
import { AddChannel } from './add-channel.tsx'
import { DeadLetters } from './dead-letters.tsx'
import { DeliveryLog } from './delivery-log.tsx'
import { IntegrationTable } from './integration-table.tsx'
import './channels.css'

/** Every way in which somebody is told: how it is, a test, what was sent, what was given up, and how to add one. */
export function ChannelsTab() {
  const integrations = toLoadable(useQuery({ ...integrationsQuery, refetchInterval: 10_000 }))
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const chosen = searchText(search, 'channel')
  const isAdding = searchText(search, 'add') === 'yes'
  const tests = useTests(integrations.data?.map(({ key }) => key) ?? [])
  const mayEdit = useMay('editor')
  return (
    <Loaded of={integrations} what="channels" height={240} isEmpty={(list) => list.length === 0} empty={<NoChannel />}>
      {(list) => (
        <>
          {isAdding && <AddChannel onClose={() => setSearch({ add: undefined, kind: undefined }, { replace: true })} />}
          <section className="section" aria-label="Channels">
            <div className="section-head">
              <h2>Channels</h2>
              <span className="row end">
                {mayEdit && (
                  <button type="button" className="button little" onClick={() => tests.run(undefined)}>
                    Test all
                  </button>
                )}
                {!isAdding && (
                  <button
                    type="button"
                    className="button little"
                    onClick={() => setSearch({ add: 'yes' }, { replace: true })}
                  >
                    Add a channel
                  </button>
                )}
              </span>
            </div>
            <IntegrationTable
              integrations={list}
              tests={tests.results}
              onTest={mayEdit ? tests.run : undefined}
              onOpen={(key) =>
                setSearch({ channel: key === chosen ? undefined : key, message: undefined }, { replace: true })
              }
            />
          </section>
          <DeadLetters integration={chosen} />
          <DeliveryLog integrations={list} />
        </>
      )}
    </Loaded>
  )
}

interface Tests {
  readonly results: ReadonlyMap<string, DeliveryItem | 'testing'>
  /** By key; all where none is given. */
  readonly run: (key: string | undefined) => void
}

/** Tests that were made on this page, with what the receivers answered. */
function useTests(keys: readonly string[]): Tests {
  const test = useTestChannel()
  const toast = useToast()
  const [results, setResults] = useState<ReadonlyMap<string, DeliveryItem | 'testing'>>(new Map())
  const run = async (key: string | undefined): Promise<void> => {
    const asked = key === undefined ? keys : [key]
    setResults((before) => new Map([...before, ...asked.map((one) => [one, 'testing'] as const)]))
    const answers = new Map<string, DeliveryItem>()
    try {
      for (const delivery of await test.mutateAsync(key)) answers.set(delivery.integration, delivery)
    } catch (error) {
      toast({ text: problemOf(error).what, tone: 'error' })
    }
    setResults((before) => {
      const after = new Map(before)
      for (const one of asked) after.delete(one)
      return new Map([...after, ...answers])
    })
  }
  return { results, run: (key) => void run(key) }
}

function NoChannel() {
  return (
    <>
      <p className="lead channels-lead">Nobody is told of anything: there is no channel.</p>
      <AddChannel onClose={undefined} />
    </>
  )
}
