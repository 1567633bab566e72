#include "report/html_sections_internal.h"

namespace cupel::report {

Markup page_style() {
  return R"css(
:root{--paper:#faf8f4;--sheet:#fff;--ink:#26231e;--soft:#6f685d;--line:#e6e0d5;--gold:#9a7420;--pass:#2e7a54;--passbg:#e4f2ea;--fail:#b23c2a;--failbg:#fae7e3;
--open:#9a6a0c;--openbg:#fbf0d7;--err:#6a4f9c;--errbg:#eee8f7;--seen:#b98a24;--other:#d9d5cb;--outline:#5a6f8c;--track:#efebe2;--accepted:#d4eadd}
@media (prefers-color-scheme:dark){:root{--paper:#171613;--sheet:#201e1a;--ink:#ebe6db;--soft:#a49c8d;--line:#37332c;--gold:#d9b45b;--pass:#79c79d;--passbg:#1c3327;
--fail:#ee8f7f;--failbg:#3d211c;--open:#e2b65c;--openbg:#392d14;--err:#b9a2e6;--errbg:#2c2440;--seen:#cfa344;--other:#4b463d;--outline:#9db4d3;--track:#2c2924;--accepted:#22402f}}
*{box-sizing:border-box}html{scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,main,footer{max-width:58rem;margin:0 auto;padding:0 1.25rem}header{padding-top:2.5rem}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem}
.brand{margin:0;color:var(--gold);font-weight:600;letter-spacing:.14em;text-transform:uppercase;font-size:.8rem}
h1{margin:.1rem 0 1.4rem;font-size:2.1rem;line-height:1.2;letter-spacing:-.015em}h2{margin:.1rem 0 .6rem;font-size:1.4rem;line-height:1.25}
h3{margin:1.8rem 0 .4rem;font-size:1.02rem}h4{margin:0;font-size:1rem;font-weight:600;overflow-wrap:anywhere}
a{color:inherit}p{margin:.4rem 0}code{font:.88em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
section{background:var(--sheet);border:1px solid var(--line);border-radius:14px;padding:1.5rem 1.6rem;margin:1.4rem 0}
.kicker{margin:0;color:var(--soft);font-size:.85rem}.about{color:var(--soft);max-width:46rem}
.tiles{display:flex;flex-wrap:wrap;gap:.8rem;margin:1rem 0}
.tile{flex:1 1 8.5rem;background:var(--sheet);border:1px solid var(--line);border-radius:14px;padding:.8rem 1rem;display:flex;flex-direction:column;color:var(--soft);font-size:.88rem}
.tile .big{font-size:1.75rem;line-height:1.2;font-weight:600;color:var(--ink);font-variant-numeric:tabular-nums}
.tile.pass .big{color:var(--pass)}.tile.fail .big{color:var(--fail)}.tile.open .big{color:var(--open)}.tile.err .big{color:var(--err)}
nav ol{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem 1.2rem;margin:1rem 0 0;padding:0;font-size:.92rem}nav a{text-decoration:none}nav a:hover{text-decoration:underline}
.dot{display:inline-block;width:.6rem;height:.6rem;border-radius:50%;background:var(--soft);margin-right:.45rem}
.dot.pass{background:var(--pass)}.dot.fail{background:var(--fail)}.dot.open{background:var(--open)}.dot.err{background:var(--err)}
.pill{display:inline-block;white-space:nowrap;max-width:100%;overflow:hidden;text-overflow:ellipsis;border-radius:99px;padding:.08rem .6rem;font-size:.8rem;font-weight:600;vertical-align:.08em;background:var(--track);color:var(--soft)}
.pill.pass{background:var(--passbg);color:var(--pass)}.pill.fail{background:var(--failbg);color:var(--fail)}.pill.open{background:var(--openbg);color:var(--open)}.pill.err{background:var(--errbg);color:var(--err)}
.banner{border-radius:12px;padding:.8rem 1.1rem;margin:.8rem 0}.banner.open{background:var(--openbg);color:var(--open)}.banner.err{background:var(--errbg);color:var(--err)}.banner ul{margin:.3rem 0 0;padding-left:1.2rem}
.expectations{list-style:none;margin:1.2rem 0 0;padding:0}.expectation{border-top:1px solid var(--line);padding:.85rem 0}
.line{display:grid;grid-template-columns:1.7rem minmax(0,1fr);gap:.2rem}.icon{font-weight:700;line-height:1.5}
.pass>.line>.icon{color:var(--pass)}.fail>.line>.icon{color:var(--fail)}.open>.line>.icon{color:var(--open)}.err>.line>.icon{color:var(--err)}
.message{margin:.1rem 0;overflow-wrap:anywhere}.because{color:var(--soft);max-width:46rem}
details{margin:.3rem 0}summary{cursor:pointer;color:var(--soft);font-size:.85rem;width:fit-content}summary:hover{color:var(--ink)}
dl.facts{display:grid;grid-template-columns:minmax(7rem,max-content) minmax(0,1fr);gap:.15rem 1rem;margin:.6rem 0;font-size:.9rem}
dl.facts dt{color:var(--soft)}dl.facts dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;margin:.4rem 0;min-width:24rem}th,td{text-align:left;vertical-align:top;padding:.32rem .9rem .32rem 0;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:500}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}caption{text-align:left;color:var(--soft);font-size:.85rem;padding:.2rem 0}
table.steps{min-width:46rem}.picture{margin:.7rem 0}.picture svg{display:block;width:100%;min-width:26rem;max-width:42rem;height:auto;font:12.5px ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
svg text{fill:var(--ink)}svg .note{fill:var(--soft);font-size:11.5px}svg .value{font-variant-numeric:tabular-nums}svg .number{font-variant-numeric:tabular-nums;fill:var(--soft);font-size:11.5px}
svg .seen{fill:var(--seen)}svg .other{fill:var(--other)}svg .otherline{fill:none;stroke:var(--outline);stroke-width:1.6}svg .outline{fill:none;stroke:var(--outline);stroke-width:1.6}
svg .grid{stroke:var(--line);stroke-width:1}svg .axis{stroke:var(--soft);stroke-width:1}svg .track{fill:var(--track)}svg .accepted{fill:var(--accepted)}
svg .limit{stroke:var(--soft);stroke-width:1.4;stroke-dasharray:3 2}svg .whisker{stroke:var(--ink);stroke-width:1.4}svg .point{fill:var(--seen)}
svg .pass{fill:var(--pass)}svg .fail{fill:var(--fail)}svg .open{fill:var(--open)}svg .err{fill:var(--err)}
footer{color:var(--soft);font-size:.85rem;padding-top:1rem;padding-bottom:3rem}
@media (max-width:40rem){section{padding:1.1rem 1rem;border-radius:10px}h1{font-size:1.6rem}dl.facts{grid-template-columns:1fr;gap:0}dl.facts dd{margin-bottom:.4rem}}
@media print{body{background:#fff}section{break-inside:avoid-page;border:0;padding:0}nav,summary{display:none}}
)css"_html;
}

}  // namespace cupel::report
