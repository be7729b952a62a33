import { Download } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { type LogQuestion, logExportHref } from '../../data/logs.ts'
import { messageName } from './line-model.ts'

interface ExportMenuProps {
  readonly question: LogQuestion
  readonly columns: readonly string[]
}

const formats = [
  { format: 'ndjson', title: 'NDJSON, an object a line' },
  { format: 'json', title: 'JSON, one array' },
  { format: 'csv', title: 'CSV, the columns of the list' },
] as const

/** All lines of the search as a file; the browser saves it while it comes. */
export function ExportMenu({ question, columns }: ExportMenuProps) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="button">
        <Download className="icon" aria-hidden /> Export
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={6} collisionPadding={12}>
          {formats.map(({ format, title }) => (
            <DropdownMenu.Item key={format} className="menu-item" asChild>
              <a href={logExportHref(question, format, ['@timestamp', 'level', ...columns, messageName])} download>
                {title}
              </a>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
