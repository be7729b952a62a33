import { useQuery } from '@tanstack/react-query'
import { problemOf } from '../../data/client.ts'
import { fromApi } from '../../data/matchers.ts'
import { searchText } from '../../data/search.ts'
import { silencePreviewQuery } from '../../data/silences.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { noMatchers, SilenceDialog } from './silence-dialog.tsx'

/** `?silence={team="db"}`: the form with these matchers, read by the server, so that they mean what they mean everywhere. */
export function SilenceFromLink() {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const text = searchText(search, 'silence')
  const comment = searchText(search, 'comment') ?? ''
  const isBlank = text === undefined || text.replace(/[{}\s]/g, '') === ''
  const read = useQuery({ ...silencePreviewQuery(text ?? ''), enabled: !isBlank })
  const close = () => setSearch({ silence: undefined, comment: undefined }, { replace: true })
  if (text === undefined) return null
  if (isBlank) return <SilenceDialog start={{ matchers: noMatchers, comment }} onClose={close} />
  if (read.data !== undefined)
    return <SilenceDialog key={text} start={{ matchers: read.data.matchers.map(fromApi), comment }} onClose={close} />
  if (read.error === null) return null
  return (
    <Dialog open onOpenChange={(open) => !open && close()} title="Silence">
      <p className="second break">
        The link asks for <code>{text}</code>
      </p>
      <ProblemBox problem={problemOf(read.error)} />
    </Dialog>
  )
}
