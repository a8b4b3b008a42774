using Caravan.Engines.Edi;

namespace Caravan.Engines.Tests.Edi;

/// <summary>Documents made of a seed: everything that a message of a standard can carry, filled in at random.</summary>
internal sealed class RandomDocuments(int seed, EdiSyntax syntax)
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -/.";
    private const string Awkward = "abc?'+:*~>\u00e4\u00f8\u00df&";
#pragma warning disable CA5394 // Chance for tests, not for secrets.
    private readonly Random random = new(seed);

    private bool IsX12 => syntax == EdiSyntax.X12;

    public EdiContent Next() => random.Next(IsX12 ? 6 : 4) switch
    {
        0 => Inventory(),
        1 => Order(),
        2 => Response(),
        3 => Despatch(),
        4 => WarehouseOrder(),
        _ => WarehouseAdvice(),
    };

    public int Below(int most) => random.Next(most);

    private InventoryReport Inventory() => new()
    {
        Purpose = IsX12 ? "00" : "9",
        Kind = IsX12 ? "MB" : "35",
        Number = Code(),
        Date = Date(),
        Parties = Many(Party, 3),
        Lines = Lines(line => new InventoryLine
        {
            Line = line,
            Items = Items(),
            Description = Maybe(Text),
            Quantities = [.. Quantities()],
            References = Many(() => new TradeReference("LT", Text()), 2),
            Location = random.Next(3) == 0 ? new TradeReference(IsX12 ? "92" : "18", Code()) : null,
        }),
    };

    private PurchaseOrder Order() => new()
    {
        Purpose = IsX12 ? "00" : "9",
        Kind = IsX12 ? "SA" : "220",
        Number = Code(),
        Date = Day(),
        Currency = Maybe(() => "EUR"),
        Dates = Many(() => new TradeDate(IsX12 ? "002" : "2", Date()), 2),
        References = Many(() => new TradeReference("CT", Text()), 2),
        Parties = Many(Party, 3),
        Lines = Lines(line => new PurchaseLine { Line = line, Quantity = Amount(), Unit = Maybe(Unit), Price = random.Next(2) == 0 ? Amount() : null, Items = Items(), Description = Maybe(Text) }),
    };

    private OrderResponse Response() => new()
    {
        Purpose = IsX12 ? "00" : "",
        Status = (ResponseStatus)(random.Next(2) * 3),
        Number = Code(),
        Date = Day(),
        OrderNumber = Code(),
        OrderDate = Day(),
        Parties = Many(Party, 2),
        Lines = Lines(Answer),
    };

    private ResponseLine Answer(string line)
    {
        var ordered = 4 + random.Next(20);
        EdiDate? date = random.Next(2) == 0 ? Day() : null;
        ResponsePart[] parts = random.Next(4) switch
        {
            0 => [new(ResponseStatus.Accepted, ordered, date)],
            1 => [new(ResponseStatus.Rejected, ordered, date)],
            2 => [new(ResponseStatus.Changed, ordered - 3, date), new(ResponseStatus.BackOrdered, 2, date), new(ResponseStatus.Rejected, 1, date)],
            _ => [new(ResponseStatus.Changed, ordered - 1, date), new(ResponseStatus.Rejected, 1, date)],
        };
        return new ResponseLine { Line = line, Items = Items(), Ordered = ordered, Unit = Unit(), Price = random.Next(2) == 0 ? Amount() : null, Parts = parts };
    }

    private DespatchAdvice Despatch()
    {
        List<DespatchLevel> levels = [new() { Id = "1", Kind = DespatchLevelKind.Shipment }];
        var count = random.Next(5);
        for (var id = 2; id < 2 + count; id++)
        {
            var kind = (DespatchLevelKind)(IsX12 ? 1 + random.Next(4) : 2 + random.Next(3));
            levels.Add(new DespatchLevel
            {
                Id = $"{id}",
                Parent = $"{1 + random.Next(id - 1)}",
                Kind = kind,
                OrderNumber = kind == DespatchLevelKind.Order ? Code() : null,
                OrderDate = kind == DespatchLevelKind.Order ? Day() : null,
                Ssccs = kind is DespatchLevelKind.Pallet or DespatchLevelKind.Pack ? Many(() => string.Concat(Enumerable.Range(0, 18).Select(_ => random.Next(10))), 7) : [],
                Lines = Many(() => new DespatchLine { Line = $"{1 + random.Next(99)}", Items = Items(), Shipped = Amount(), Unit = Maybe(Unit), Ordered = random.Next(2) == 0 ? Amount() : null, Description = Maybe(Text), References = Many(() => new TradeReference("LT", Text()), 2) }, 3),
            });
        }

        return new DespatchAdvice { Purpose = IsX12 ? "00" : "9", Number = Code(), Date = Date(), Dates = Many(() => new TradeDate(IsX12 ? "011" : "11", Date()), 2), References = Many(() => new TradeReference("BM", Text()), 2), Carrier = Maybe(Text), Parties = Many(Party, 3), Levels = levels };
    }

    private WarehouseOrder WarehouseOrder() => new()
    {
        Purpose = "N",
        Number = Code(),
        PurchaseOrder = Maybe(Code),
        Parties = Many(Party, 3),
        References = Many(() => new TradeReference("BM", Text()), 2),
        Dates = Many(() => new TradeDate("10", Date()), 2),
        Lines = Lines(line => new WarehouseLine { Line = line, Quantity = Amount(), Unit = Unit(), Items = WarehouseItems(), Description = Maybe(Text), References = Many(() => new TradeReference("LT", Text()), 2) }),
    };

    private WarehouseAdvice WarehouseAdvice() => new()
    {
        Purpose = "F",
        Number = Code(),
        Date = Day(),
        Shipment = Maybe(Code),
        PurchaseOrder = Maybe(Code),
        Parties = Many(Party, 3),
        References = Many(() => new TradeReference("2I", Text()), 2),
        Dates = Many(() => new TradeDate("11", Date()), 2),
        Lines = Lines(line => new ShippedLine { Line = line, Status = "CC", Ordered = Amount(), Shipped = Amount(), Unit = Unit(), Items = WarehouseItems(), Lot = Maybe(Code), Description = Maybe(Text), References = Many(() => new TradeReference("LV", Text()), 2) }),
    };

    private TradeParty Party() => new(IsX12 ? "ST" : "DP")
    {
        Name = Text(),
        IdQualifier = IsX12 ? "92" : "9",
        Id = Code(),
        Street = Many(Text, IsX12 ? 4 : 3),
        City = Maybe(Text),
        Region = Maybe(Code),
        PostalCode = Maybe(Code),
        Country = Maybe(() => "IE"),
    };

    private IEnumerable<TradeQuantity> Quantities()
    {
        foreach (var qualifier in (IsX12 ? (string[])["33", "17", "20"] : ["145", "66", "48"]).Take(1 + random.Next(3)))
            yield return new TradeQuantity(qualifier, Amount(), Maybe(Unit), IsX12 ? StockMovement.None : (StockMovement)random.Next(3));
    }

    private List<ItemCode> Items()
    {
        List<ItemCode> items = [new(IsX12 ? "VN" : "SA", Code())];
        for (var i = random.Next(7); i > 0; i--)
            items.Add(new ItemCode("BP", Code()));
        return items;
    }

    private List<ItemCode> WarehouseItems() => random.Next(2) == 0 ? [new("UA", "036000291452"), new("VN", Code())] : [new("VN", Code()), new("BP", Code())];

    private List<T> Lines<T>(Func<string, T> make) => [.. Enumerable.Range(1, 1 + random.Next(4)).Select(line => make($"{line}"))];

    private List<T> Many<T>(Func<T> make, int most) => [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => make())];

    private T? Maybe<T>(Func<T> make)
        where T : class => random.Next(2) == 0 ? make() : null;

    private decimal Amount() => new(random.Next(), 0, 0, random.Next(10) == 0, (byte)random.Next(4));

    private EdiDate Date() => random.Next(2) == 0 ? Day() : new EdiDate(Day().Day, new TimeOnly(random.Next(24), random.Next(60), random.Next(2) * random.Next(60)));

    private EdiDate Day() => new(new DateOnly(2020, 1, 1).AddDays(random.Next(4_000)));

    private string Unit() => random.Next(2) == 0 ? "EA" : "CA";

    private string Code() => string.Concat(Enumerable.Range(0, 1 + random.Next(12)).Select(_ => Letters[random.Next(36)]));

    private string Text()
    {
        var alphabet = IsX12 ? Letters + "abc\u00e4\u00f8&" : Letters + Awkward;
        return $"T{string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => alphabet[random.Next(alphabet.Length)]))}";
    }
#pragma warning restore CA5394
}
