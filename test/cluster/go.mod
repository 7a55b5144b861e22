module migration-gate.test/cluster

go 1.26
