// drop: the event goes no further, or a share of events does not.
import type { Filter, FilterDefinition } from '../filter.ts'

export const drop: FilterDefinition = {
  name: 'drop',
  compile(settings, { random }): Filter {
    const percentage = settings.number('percentage', 100, { max: 100 })
    return {
      failureTags: [],
      run(event) {
        if (percentage < 100 && random() * 100 >= percentage) return false
        event.isCancelled = true
        return true
      },
    }
  },
}
