namespace Caravan.Engines.Edi;

/// <summary>Reads the segments of one message, header and trailer excepted.</summary>
internal abstract class MessageReader(EdiFields fields)
{
    /// <summary>Values and faults.</summary>
    protected EdiFields Fields { get; } = fields;

    /// <summary>The reader for a type of message; null when it is not read here.</summary>
    public static MessageReader? Of(string type, EdiSyntax syntax, EdiFields fields) => (syntax, type) switch
    {
        (EdiSyntax.X12, "846") => new Inventory846(fields),
        (EdiSyntax.X12, "850") => new Order850(fields),
        (EdiSyntax.X12, "855") => new Response855(fields),
        (EdiSyntax.X12, "856") => new Despatch856(fields),
        (EdiSyntax.X12, "940") => new Warehouse940(fields),
        (EdiSyntax.X12, "945") => new Warehouse945(fields),
        (EdiSyntax.X12, "997") => new GroupAnswer997(fields),
        (EdiSyntax.X12, "824") => new Advice824(fields),
        (EdiSyntax.Edifact, "INVRPT") => new InventoryInvrpt(fields),
        (EdiSyntax.Edifact, "ORDERS") => new OrderOrders(fields),
        (EdiSyntax.Edifact, "ORDRSP") => new ResponseOrdrsp(fields),
        (EdiSyntax.Edifact, "DESADV") => new DespatchDesadv(fields),
        (EdiSyntax.Edifact, "CONTRL") => new AnswerContrl(fields),
        (EdiSyntax.Edifact, "APERAK") => new AdviceAperak(fields),
        _ => null,
    };

    /// <summary>The X12 group that a type of message travels in (element 479); empty where it is not known.</summary>
    public static string FunctionalCode(string type) => type switch
    {
        "846" => "IB",
        "850" => "PO",
        "855" => "PR",
        "856" => "SH",
        "940" => "OW",
        "945" => "SW",
        "997" => "FA",
        "824" => "AG",
        _ => "",
    };

    /// <summary>Reads one more segment.</summary>
    public abstract void Read(in EdiSegment segment);

    /// <summary>What the message says; faults of the whole stand at its trailer.</summary>
    public abstract EdiContent Finish(in EdiSegment trailer);

    /// <summary>A segment without which the message says nothing is not there.</summary>
    protected void Need(in EdiSegment trailer, bool isThere, string tag)
    {
        if (!isThere)
            Fields.Faults.Add(new EdiFault(EdiFaultKind.MissingSegment, EdiWeight.Rejects, new EdiPosition(trailer.Offset, Fields.Number), tag, "", $"The segment {tag} must be there."));
    }

    /// <summary>The lines counted by CTT or CNT are as many as came.</summary>
    protected void CheckTotal(in EdiSegment segment, int element, int component, int found, string counted)
    {
        if (Fields.Amount(segment, element, component) is { } told && told != found)
            Fields.Add(segment, EdiFaultKind.CountMismatch, EdiWeight.Rejects, element, component, $"The message tells of {told} {counted}, there are {found}: some may be missing.");
    }

    /// <summary>Pairs of qualifier and number, as in LIN, PO1 and W12, from an element on.</summary>
    protected List<ItemCode> Items(in EdiSegment segment, int from, int pairs)
    {
        List<ItemCode> items = new(2);
        pairs = Math.Min(pairs, (segment.Count - from + 2) / 2);
        for (var i = 0; i < pairs; i++)
        {
            var (qualifier, code) = (Fields.Text(segment, from + (2 * i)), Fields.Text(segment, from + (2 * i) + 1));
            if (qualifier is null && code is null)
                continue;
            if (qualifier is null || code is null)
                Fields.Add(segment, EdiFaultKind.MissingPair, EdiWeight.Rejects, from + (2 * i) + (qualifier is null ? 0 : 1), 0, "A qualifier and its number come together; one of them is not there.");
            else
                items.Add(Checked(segment, from + (2 * i) + 1, 0, new ItemCode(qualifier, code)));
        }

        return items;
    }

    /// <summary>A number that claims to be a GTIN has digits only; a wrong check digit is noted.</summary>
    protected ItemCode Checked(in EdiSegment segment, int element, int component, ItemCode item)
    {
        if (item.Qualifier.Length > 3)
            Fields.Add(segment, EdiFaultKind.ElementTooLong, EdiWeight.Rejects, component == 0 ? element - 1 : element, component == 0 ? 0 : 2, "A qualifier of two or three letters says whose number it is.");
        if (!item.IsGtin)
            return item;

        if (item.Code.Length is < 8 or > 14 || item.Code.AsSpan().ContainsAnyExceptInRange('0', '9'))
            Fields.Add(segment, EdiFaultKind.BadCode, EdiWeight.Rejects, element, component, $"{item.Qualifier} announces a GTIN: 8 to 14 digits.");
        else if (!HasCheckDigit(item.Code))
            Fields.Add(segment, EdiFaultKind.BadCode, EdiWeight.Note, element, component, "The last digit is not the check digit of this GTIN (GS1 General Specifications 7.9).");
        return item;
    }

    private static bool HasCheckDigit(string gtin)
    {
        var sum = 0;
        for (var i = 0; i < gtin.Length; i++)
            sum += (gtin[^(i + 1)] - '0') * (i % 2 == 0 ? 1 : 3);
        return sum % 10 == 0;
    }
}

/// <summary>Companies and places of a message: X12 N1, N2, N3, N4; EDIFACT NAD.</summary>
internal sealed class PartyReading(EdiFields fields)
{
    private readonly List<TradeParty> parties = [];

    public IReadOnlyList<TradeParty> Parties => parties;

    public bool Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.N1:
                if (segment[2].IsEmpty && segment[4].IsEmpty)
                    fields.Add(segment, EdiFaultKind.MissingPair, EdiWeight.Note, 2, 0, "A name or a number must be there.");
                if (segment[3].IsEmpty != segment[4].IsEmpty)
                    fields.Add(segment, EdiFaultKind.MissingPair, EdiWeight.Rejects, segment[3].IsEmpty ? 3 : 4, 0, "A qualifier and its number come together; one of them is not there.");
                parties.Add(new TradeParty(fields.Required(segment, 1)) { Name = fields.Text(segment, 2), IdQualifier = fields.Text(segment, 3), Id = fields.Text(segment, 4) });
                return true;
            case Tags.N2 or Tags.N3 or Tags.N4 when parties.Count == 0:
                fields.Add(segment, EdiFaultKind.Misplaced, EdiWeight.Rejects, 0, 0, "A part of an address without the N1 that it belongs to.");
                return true;
            case Tags.N2:
                return true;
            case Tags.N3:
                for (var element = 1; element <= 2; element++)
                {
                    if (fields.Text(segment, element) is { } line)
                        parties[^1] = parties[^1] with { Street = [.. parties[^1].Street, line] };
                }

                return true;
            case Tags.N4:
                parties[^1] = parties[^1] with { City = fields.Text(segment, 1), Region = fields.Text(segment, 2), PostalCode = fields.Text(segment, 3), Country = fields.Text(segment, 4) };
                return true;
            case Tags.NAD:
                parties.Add(Nad(segment));
                return true;
            default:
                return false;
        }
    }

    private TradeParty Nad(in EdiSegment segment)
    {
        List<string> street = [];
        for (var component = 1; component <= 4; component++)
        {
            if (fields.Text(segment, 5, component) is { } line)
                street.Add(line);
        }

        return new TradeParty(fields.Required(segment, 1))
        {
            Id = fields.Text(segment, 2, 1),
            IdQualifier = fields.Text(segment, 2, 3),
            Name = fields.Text(segment, 4, 1) ?? fields.Text(segment, 3, 1),
            Street = street,
            City = fields.Text(segment, 6),
            Region = fields.Text(segment, 7),
            PostalCode = fields.Text(segment, 8),
            Country = fields.Text(segment, 9),
        };
    }
}
