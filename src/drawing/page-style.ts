import { dark, drawingStyle, fonts, light, type Role } from './drawing-style.ts';

const variables = (colours: Record<Role, string>) =>
  Object.entries(colours)
    .map(([role, colour]) => `--${role}:${colour}`)
    .join(';');

/** The style of the report's page: the drawings' own, in light and dark, and that of the text around them. */
export function pageStyle(): string {
  return `
:root{color-scheme:light dark;${variables(light)}}
@media (prefers-color-scheme:dark){:root{${variables(dark)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 ${fonts};-webkit-text-size-adjust:100%}
main{max-width:960px;margin:0 auto;padding:56px 40px 72px}
.eyebrow{margin:0;color:var(--muted);font-size:14px;font-weight:600;letter-spacing:.3px}
h1{margin:6px 0 14px;font-size:38px;line-height:1.15;font-weight:680;letter-spacing:-.8px;text-wrap:balance}
.lede{margin:0;font-size:19px;line-height:1.5;max-width:44em;text-wrap:pretty}
section{margin-top:52px}
h2{margin:0 0 4px;font-size:21px;line-height:1.3;font-weight:650;letter-spacing:-.2px}
section>p{margin:10px 0;max-width:44em;text-wrap:pretty}
.note{color:var(--muted);font-size:14px;line-height:1.5}
section>.note{margin:2px 0 14px}
section>figure~.note,.scroll+.note,dl~.note{margin-top:14px}
figure{margin:16px 0 0}
svg{display:block;width:100%;height:auto;overflow:visible}
svg.narrow{display:none}
.scroll{overflow-x:auto;margin-top:14px}
table{border-collapse:separate;border-spacing:0;width:100%;font-variant-numeric:tabular-nums;white-space:nowrap;font-size:15px}
th,td{padding:9px 0 9px 22px;text-align:right;border-bottom:1px solid var(--grid);font-weight:400}
thead th{color:var(--muted);font-size:13px;padding-bottom:7px}
tbody th,thead th:first-child{text-align:left;padding-left:0;position:sticky;left:0;background:var(--paper)}
tr.best th,tr.best td{font-weight:650}
dl{display:grid;grid-template-columns:max-content 1fr;gap:7px 28px;margin:14px 0 0;font-size:15px}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
a{color:var(--body)}
${drawingStyle((role) => `var(--${role})`)}
@media (max-width:640px){
main{padding:32px 20px 48px}
h1{font-size:29px}
.lede{font-size:17px}
section{margin-top:40px}
svg.wide{display:none}
svg.narrow{display:block}
dl{grid-template-columns:1fr;gap:0}
dd{margin-bottom:9px}
}
@media print{main{padding:0}section{break-inside:avoid}}
`;
}
