export interface RuleTemplateContext { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number; readonly externalLabels: Readonly<Record<string, string>>; readonly externalUrl: string; readonly atMs: number; readonly query: (expr: string) => Promise<readonly unknown[]> }
export async function expandRuleTemplate(text: string, _context: RuleTemplateContext): Promise<string> { return text }
export function checkRuleTemplate(_text: string): string | undefined { return undefined }
