namespace Caravan.Returns;

/// <summary>How units are that came back.</summary>
public enum ReturnGrade
{
    /// <summary>A: as it left.</summary>
    New,

    /// <summary>B: opened, or its pack is.</summary>
    Opened,

    /// <summary>C: broken.</summary>
    Damaged,

    /// <summary>D: spoiled, thawed or past its day.</summary>
    Spoiled,

    /// <summary>It is another item than the line says.</summary>
    WrongItem,
}

/// <summary>What becomes of units that came back.</summary>
public enum ReturnDisposition
{
    /// <summary>They may be sold again.</summary>
    Restock,

    /// <summary>They wait, and are not sold.</summary>
    Hold,

    /// <summary>They are thrown away.</summary>
    WriteOff,

    /// <summary>They leave for their owner or their vendor.</summary>
    ReturnToOwner,

    /// <summary>They are put right first, and wait as on hold.</summary>
    Refurbish,
}

/// <summary>Who of quality says that goods may be sold again, and on what ground.</summary>
public sealed record ReturnRelease(string By, string Note);

/// <summary>What may become of what came back, and what is paid back for it: pure.</summary>
internal static class ReturnRules
{
    /// <summary>Whether units may be sold again.</summary>
    public enum Restocking
    {
        /// <summary>They may.</summary>
        Free,

        /// <summary>They may on a named person's word.</summary>
        OnRelease,

        /// <summary>They may not, whoever says so.</summary>
        Never,
    }

    /// <summary>
    /// What is damaged, spoiled, another item or recalled is never sold again, nor what needs a release and was opened. What needs a release
    /// (kept cold, medicines, kept by lot) and what was opened is sold again on a named person's word, the rest by itself.
    /// </summary>
    public static Restocking RestockingOf(ReturnGrade grade, ReturnReason reason, bool needsRelease) => grade switch
    {
        ReturnGrade.New or ReturnGrade.Opened when reason == ReturnReason.Recalled => Restocking.Never,
        ReturnGrade.New => needsRelease ? Restocking.OnRelease : Restocking.Free,
        ReturnGrade.Opened => needsRelease ? Restocking.Never : Restocking.OnRelease,
        _ => Restocking.Never,
    };

    /// <summary>What is paid back for units: a share of what was paid for them, rounded down to minor units.</summary>
    public static long Refund(long priceAmount, int units, int percent) => (long)((Int128)priceAmount * units * percent / 100);

    /// <summary>The letter that stands for a grade on a label.</summary>
    public static char LetterOf(ReturnGrade grade) => "ABCDX"[(int)grade];
}
