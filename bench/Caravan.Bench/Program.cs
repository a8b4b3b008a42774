using System.CommandLine;
using Caravan.Bench;
using Caravan.Bench.Edi;
using Caravan.Bench.Operations;
using Caravan.Bench.Orders;
using Caravan.Bench.Pages;
using Caravan.Bench.Routing;
using Caravan.Bench.Sourcing;

var root = new RootCommand("Measures Caravan. Each verb prints a table for people and, as its last line, one JSON object.");
root.Add(FirstOrder.Create());
root.Add(OrdersVerb.Create());
root.Add(IntakeVerb.Create());
root.Add(SourcingVerb.Create());
root.Add(EdiVerb.Create());
root.Add(OperationsVerb.Create());
root.Add(RoutingVerb.Create());
root.Add(PagesVerb.Create());
return await root.Parse(args).InvokeAsync();
