/// The page's own style: light and dark, from a phone to a wide screen, without a script or a font from elsewhere.
package enum HTMLStyle {
    package static let sheet = colors + page + facts + timeline + narrow

    private static let colors = """
        :root{--paper:#f5f6f8;--card:#fff;--ink:#1d2430;--dim:#5c6675;--line:#dfe3e9;--soft:#eef0f4;--link:#1f5fbf;
        --good:#16814f;--bad:#c22f45;--warn:#a86200;--off:#6b7585;--queue:#93a0b4;--build:#3b78d8;--deploy:#7a57d1}
        @media (prefers-color-scheme:dark){:root{--paper:#12161d;--card:#1a202a;--ink:#e4e9f0;--dim:#9aa6b6;
        --line:#2c3541;--soft:#222a35;--link:#7fb0ff;--good:#45c089;--bad:#ff7585;--warn:#eeb04f;--off:#95a1b1;
        --queue:#718096;--build:#5f98f0;--deploy:#a184f2}}
        .success{--kind:var(--good)}.failure{--kind:var(--bad)}.error,.timeout{--kind:var(--warn)}
        .cancellation,.skip,.running{--kind:var(--off)}

        """

    private static let page = """
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
        main{max-width:1120px;margin:0 auto;padding:24px 20px 48px}
        article+article,.overview+article{margin-top:40px;padding-top:32px;border-top:2px solid var(--line)}
        h1,h2{font-size:22px;line-height:1.3;margin:10px 0 6px;font-weight:650;overflow-wrap:anywhere}
        h3{font-size:13px;margin:0 0 8px;color:var(--dim);font-weight:600;letter-spacing:.02em}
        h4{font-size:14px;margin:18px 0 4px}
        p{margin:0 0 4px;overflow-wrap:anywhere}
        a{color:var(--link)}
        a:focus-visible,summary:focus-visible,pre:focus-visible{outline:2px solid var(--link);outline-offset:2px}
        code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        code{overflow-wrap:anywhere}
        pre{margin:8px 0;padding:10px 12px;background:var(--soft);border-radius:6px;max-height:420px;overflow:auto;
        white-space:pre-wrap;overflow-wrap:anywhere}
        .dim{color:var(--dim)}
        .badge{display:inline-block;margin:0;padding:3px 10px;border-radius:999px;background:var(--kind);
        color:var(--card);font-weight:650;font-size:13px}
        .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:16px 0}
        .verdict{border-left:5px solid var(--kind);padding:2px 0 2px 16px;margin-bottom:20px}
        .overview ul{list-style:none;margin:12px 0 0;padding:0}
        .overview li{margin:6px 0}
        .cause{border-left:5px solid var(--kind)}
        .hint{margin-top:8px;padding:8px 12px;background:var(--soft);border-radius:6px}
        .warnings{border-left:5px solid var(--warn)}
        .warnings ul{margin:0;padding-left:18px}
        summary{cursor:pointer}
        section>details{margin-top:8px}
        table{border-collapse:collapse;margin:8px 0}
        th,td{text-align:left;font-weight:400;padding:3px 16px 3px 0;vertical-align:top;border-bottom:1px solid var(--line)}
        th{color:var(--dim)}
        .number{text-align:right;font-variant-numeric:tabular-nums}
        footer{margin-top:18px;font-size:13px}

        """

    private static let facts = """
        .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:12px;
        background:none;border:0;padding:0}
        .card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
        .card[class~=live],.card.success{border-top:3px solid var(--good)}
        .card.failure{border-top:3px solid var(--bad)}
        .card.timeout,.card.error{border-top:3px solid var(--warn)}
        .rollout{background:none;border:0;padding:0;margin:24px 0}
        .rollout>h3{font-size:16px;color:var(--ink)}
        .rollout .facts{margin:8px 0}

        """

    private static let timeline = """
        .row{display:grid;grid-template-columns:minmax(150px,250px) minmax(0,1fr) 76px;gap:0 14px;align-items:center;
        min-height:32px}
        .timeline>.row,.timeline>details{border-top:1px solid var(--line)}
        .timeline>details{margin-top:0}
        .timeline>.axis,.timeline>.phase{border-top:0}
        .axis{color:var(--dim);font-size:12px;min-height:22px}
        .labels{position:relative;height:18px}
        .labels span{position:absolute;transform:translateX(-50%);white-space:nowrap}
        .labels span:first-child{transform:none}
        .label{overflow-wrap:anywhere;padding:4px 0}
        .took{text-align:right;font-variant-numeric:tabular-nums;color:var(--dim)}
        .track{position:relative;display:block;height:100%;min-height:20px;
        background:repeating-linear-gradient(to right,var(--line) 0 1px,transparent 1px var(--tick)) no-repeat}
        .bar{position:absolute;top:50%;height:14px;margin-top:-7px;min-width:3px;border-radius:3px;
        background:var(--kind)}
        .phase{min-height:24px;font-size:13px}
        .phase .label{padding:0 0 0 24px;color:var(--dim)}
        .phase .bar{height:8px;margin-top:-4px}
        .bar.queue{--kind:var(--queue)}.bar.build{--kind:var(--build)}.bar.deploy{--kind:var(--deploy)}
        .bar.running,.bar.cancellation,.phase.running .bar{
        background:repeating-linear-gradient(135deg,var(--kind) 0 5px,transparent 5px 8px)}
        .mark{display:inline-block;width:16px;text-align:center;color:var(--kind);font-weight:700}
        .step.skip .label{color:var(--dim)}
        .step>summary{list-style:none}
        .step>summary::-webkit-details-marker{display:none}
        .step>summary .label::after{content:"›";display:inline-block;margin-left:8px;color:var(--dim);font-weight:700}
        .step[open]>summary .label::after{transform:rotate(90deg)}
        .step>summary:hover{background:var(--soft)}
        .inside{padding:2px 0 12px 20px}
        .attempts{margin:4px 0 8px;padding-left:18px}

        """

    private static let narrow = """
        @media (max-width:640px){
        main{padding:16px 12px 32px}
        h1,h2{font-size:19px}
        section{padding:14px 12px}
        .row{grid-template-columns:minmax(0,1fr) auto;padding:4px 0}
        .row .track{grid-column:1/-1;grid-row:2;min-height:18px}
        .axis{grid-template-columns:minmax(0,1fr)}
        .axis>span:first-child,.axis>span:last-child{display:none}
        .phase .label{padding-left:20px}
        .inside{padding-left:6px}
        .outputs th,.outputs td{display:block;padding-right:0;border:0}
        .outputs tr{display:block;padding:4px 0;border-bottom:1px solid var(--line)}}
        @media print{body{background:none}section,.card{break-inside:avoid}pre{max-height:none}}
        """
}
