"""What methods are worth on specs, all under one judge and one account (requirement K3).

`tasks` reads the specs, `methods` makes every method's attempt at each of them, `rows` turns
attempts into the table, `confirm` asks ngspice, `report` puts it all together.
"""
