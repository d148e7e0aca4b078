def sub(p, *pairs):
    s=open(p).read()
    for a,b in pairs:
        if a not in s: raise SystemExit(f"NOT FOUND in {p}: {a[:200]}")
        s=s.replace(a,b,1)
    open(p,'w').write(s)
