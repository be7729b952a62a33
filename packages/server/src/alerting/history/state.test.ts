import { historySuite } from './history.suite.ts'

historySuite('SQLite', () => undefined)
