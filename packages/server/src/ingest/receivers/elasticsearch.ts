import type { Clock } from '@tidewatch/core/clock.ts'
import type { Route } from '../../http/port.ts'
import type { Metrics } from '../../self/port.ts'
import type { StateStore } from '../../state/port.ts'
import type { LogIntake } from '../logs/port.ts'
import { defineReceiver, type StoredDocuments } from '../port.ts'
import type { Names } from './elasticsearch/names.ts'
import { type ElasticsearchSettings, questionRoutes } from './elasticsearch/questions.ts'
import { setupRoutes } from './elasticsearch/setup-routes.ts'
import { type ElasticsearchTables, Setup } from './elasticsearch/state.ts'
import { DocumentWriter, type ItemOutcome, writeRoutes } from './elasticsearch/write-routes.ts'

export interface ElasticsearchParts {
  readonly logs: LogIntake
  readonly clock: Clock
  readonly state: StateStore
  readonly metrics: Metrics
  readonly documents: StoredDocuments
  readonly indexNames: Names
  /** As the configuration in force has them. */
  readonly elasticsearch: () => ElasticsearchSettings
}

/**
 * Elasticsearch's API as those who write need it: the official clients, Beats, Logstash, Fluent Bit, loggers of applications. Documents become
 * lines of logs, which are added and never changed; what is set up before is kept and shown again.
 * https://www.elastic.co/docs/api/doc/elasticsearch
 */
export const elasticsearch = defineReceiver({
  kind: 'elasticsearch',
  title: 'Elasticsearch (_bulk, _doc and what clients ask before)',
  routes(parts: ElasticsearchParts): readonly Route[] {
    const { logs, clock, state, metrics, documents, indexNames: names, elasticsearch: settings } = parts
    const setup = new Setup(state.database<ElasticsearchTables>())
    const items = metrics.counter({
      name: 'tidewatch_elasticsearch_items_total',
      help: 'Documents of _bulk and _doc, by what became of them; known: there already under its id.',
      labels: ['outcome'],
    })
    const count = (outcome: ItemOutcome, number: number): void => items.with(outcome).add(number)
    const writer = new DocumentWriter({ logs, clock, setup, names, stored: documents, count })
    return [
      ...questionRoutes(settings),
      ...writeRoutes(writer),
      ...setupRoutes({
        ...{ setup, names, clock },
        hasLines: ({ project }, index, options) => documents.has([project], index, options),
      }),
    ]
  },
})
