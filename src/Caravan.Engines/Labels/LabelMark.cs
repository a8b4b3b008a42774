namespace Caravan.Engines.Labels;

/// <summary>Something drawn on a label. Millimetres from the left and from the top edge.</summary>
public abstract record LabelMark
{
    private LabelMark()
    {
    }

    /// <summary>A black rectangle; a thin one is a line.</summary>
    public sealed record Box(double X, double Y, double Width, double Height) : LabelMark;

    /// <summary>A line of text: where its baseline begins, and how high the type is (the em).</summary>
    public sealed record Words(double X, double Baseline, double Height, string Text) : LabelMark
    {
        /// <summary>Whether it is heavy.</summary>
        public bool IsBold { get; init; }

        /// <summary>Whether it is white on what was drawn before.</summary>
        public bool IsWhite { get; init; }
    }

    /// <summary>A barcode, its bars in the middle between two edges; each device makes the modules as many whole dots as reach <see cref="LabelSheet.ModuleLeast"/>.</summary>
    public sealed record Bars(double Left, double Right, double Y, double Height, Code128 Code) : LabelMark;
}

/// <summary>One label: its size in millimetres and what is drawn, in this order.</summary>
public sealed record LabelSheet(double Width, double Height, IReadOnlyList<LabelMark> Marks)
{
    /// <summary>The narrowest bar of a barcode on a logistic unit, in millimetres (GS1 General Specifications, symbol specification table 5).</summary>
    public const double ModuleLeast = 0.495;

    /// <summary>The lowest bars there, in millimetres.</summary>
    public const double BarsLeast = 31.75;
}
