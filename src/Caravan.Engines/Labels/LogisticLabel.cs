using System.Globalization;

namespace Caravan.Engines.Labels;

/// <summary>How loud a label says how cold its goods must stay.</summary>
public enum ColdMark
{
    /// <summary>Nothing to say.</summary>
    None,

    /// <summary>Framed.</summary>
    Chilled,

    /// <summary>White on black.</summary>
    Frozen,
}

/// <summary>What stands on the label of a box.</summary>
public sealed record LogisticLabel
{
    /// <summary>The number on the box.</summary>
    public required Sscc Sscc { get; init; }

    /// <summary>Who sends it, from where.</summary>
    public required string From { get; init; }

    /// <summary>Who gets it, where.</summary>
    public required string To { get; init; }

    /// <summary>The seller's number of the order.</summary>
    public required string OrderNumber { get; init; }

    /// <summary>Who carries it, and how soon.</summary>
    public required string Carrier { get; init; }

    /// <summary>When it was promised.</summary>
    public required string Due { get; init; }

    /// <summary>How cold it must stay, in words; empty: no matter.</summary>
    public string Cold { get; init; } = "";

    /// <summary>How loud that is said.</summary>
    public ColdMark ColdMark { get; init; }

    /// <summary>How many units are in it.</summary>
    public required int Count { get; init; }

    /// <summary>What its goods weigh.</summary>
    public required long WeightGrams { get; init; }

    /// <summary>Which box of how many, from 1.</summary>
    public required (int Number, int Of) Box { get; init; }
}

/// <summary>
/// The label of a box, 105 × 148 mm (A6), as marks on a sheet.
/// <para>
/// Source: GS1 Logistic Label Guideline, release 1.3: blocks parted by lines; text for people above, then the barcodes, the one with the SSCC
/// at the bottom; each barcode with its element string in words below it, bars at least 31.75 mm high, modules 0.495 mm wide, ten of
/// them free on both sides. The order number has a barcode of its own (AI 400) where it fits so; longer ones, and those with signs that a
/// GS1 barcode does not know, stand in words alone.
/// </para>
/// <para>Linear in the texts, any thread.</para>
/// </summary>
public static class LogisticLabels
{
    /// <summary>How wide the label is, in millimetres.</summary>
    public const double Width = 105;

    /// <summary>How high it is.</summary>
    public const double Height = 148;

    // A 300 dpi printer's six dots to the module are the widest that any of our devices draws.
    private const double ModuleMost = 6 * 25.4 / 300;
    private const double Edge = 3;
    private const double Line = 0.3;
    private const double Caption = 2.3;
    private const double Body = 3.2;
    private const double Bars = 32;
    private const double Middle = Width / 2;

    /// <summary>Draws a label.</summary>
    public static LabelSheet Draw(LogisticLabel label)
    {
        ArgumentNullException.ThrowIfNull(label);
        List<LabelMark> marks = [];
        Block(marks, "FROM", label.From, Edge, 3, Middle - 2, most: 5);
        Block(marks, "TO", label.To, Middle + 2, 3, Width - Edge, most: 5, Body + 0.4);
        marks.Add(new LabelMark.Box(Middle - (Line / 2), 3, Line, 22));
        marks.Add(new LabelMark.Box(Edge, 25.5, Width - (2 * Edge), Line));

        Block(marks, "CARRIER, SERVICE", label.Carrier, Edge, 26, Middle - 2, most: 2);
        Block(marks, "PROMISED", label.Due, Middle + 2, 26, Width - Edge, most: 2);
        marks.Add(new LabelMark.Box(Edge, 36.5, Width - (2 * Edge), Line));
        Block(marks, "ORDER", label.OrderNumber, Edge, 37, Middle - 2, most: 2, Body + 0.8, isBold: true);
        var weight = (label.WeightGrams / 1000m).ToString("0.0##", CultureInfo.InvariantCulture);
        Block(marks, "CONTENT, GOODS WEIGHT", $"{label.Count} {(label.Count == 1 ? "unit" : "units")}, {weight} kg\nBox {label.Box.Number} of {label.Box.Of}", Middle + 2, 37, Width - Edge, most: 2);
        marks.Add(new LabelMark.Box(Edge, 49, Width - (2 * Edge), Line));
        Cold(marks, label);
        marks.Add(new LabelMark.Box(Edge, 61, Width - (2 * Edge), Line));

        if (OrderBarcode(label.OrderNumber) is { } order)
            Barcode(marks, order, 64.5);
        marks.Add(new LabelMark.Box(Edge, 103.5, Width - (2 * Edge), Line));
        Barcode(marks, new Gs1Element("00", label.Sscc.ToString()), 107);
        return new LabelSheet(Width, Height, marks);
    }

    /// <summary>The order number as an element, where its barcode fits on the label; null where it does not.</summary>
    public static Gs1Element? OrderBarcode(string orderNumber)
    {
        var element = new Gs1Element("400", orderNumber);
        return Gs1Text.IsAllowed(element) && (Code128.Gs1(Gs1Text.Write(element)).Modules + (2 * Code128.QuietModules)) * ModuleMost <= Width ? element : null;
    }

    private static void Block(List<LabelMark> marks, string caption, string text, double left, double top, double right, int most, double height = Body, bool isBold = false)
    {
        marks.Add(new LabelMark.Words(left, top + Caption, Caption, caption));
        foreach (var (index, line) in TextFit.Lines(text, right - left, height, most, isBold).Index())
            marks.Add(new LabelMark.Words(left, top + Caption + ((index + 1) * height * 1.15), height, line) { IsBold = isBold });
    }

    private static void Cold(List<LabelMark> marks, LogisticLabel label)
    {
        const double top = 50.5;
        const double high = 9.5;
        const double type = 6;
        if (label.ColdMark == ColdMark.None || label.Cold.Length == 0)
            return;

        var wide = Width - (2 * Edge);
        if (label.ColdMark == ColdMark.Frozen)
            marks.Add(new LabelMark.Box(Edge, top, wide, high));
        else
            marks.AddRange([new LabelMark.Box(Edge, top, wide, 1), new LabelMark.Box(Edge, top + high - 1, wide, 1), new LabelMark.Box(Edge, top, 1, high), new LabelMark.Box(Width - Edge - 1, top, 1, high)]);
        var words = TextFit.Lines(label.Cold, wide - 6, type, 1, isBold: true)[0];
        marks.Add(new LabelMark.Words(Edge + 3, top + 6.9, type, words) { IsBold = true, IsWhite = label.ColdMark == ColdMark.Frozen });
    }

    private static void Barcode(List<LabelMark> marks, Gs1Element element, double top)
    {
        var words = element.Identifier == "00" ? $"({element.Identifier}) {element.Value}" : element.ToString();
        marks.Add(new LabelMark.Bars(0, Width, top, Bars, Code128.Gs1(Gs1Text.Write(element))));
        marks.Add(new LabelMark.Words((Width - TextFit.Width(words, Body + 0.8)) / 2, top + Bars + Body + 1.2, Body + 0.8, words));
    }
}
