namespace Caravan.Engines.Edi;

/// <summary>The two families of interchange.</summary>
public enum EdiSyntax : byte
{
    /// <summary>ASC X12: <c>ISA … IEA</c>, delimiters told by the fixed header.</summary>
    X12,

    /// <summary>UN/EDIFACT, ISO 9735 syntax 1 to 4: <c>UNB … UNZ</c>, delimiters told by <c>UNA</c> or the defaults.</summary>
    Edifact,
}

/// <summary>
/// The characters that part an interchange. X12 takes them from ISA: the byte after the tag, ISA11 where it is a repetition
/// separator (versions from 00402), ISA16, and the byte after it. EDIFACT takes them from UNA, six bytes; without it they are
/// <c>: + . ? '</c>, with the asterisk for repetition in syntax version 4.
/// </summary>
/// <param name="Syntax">Whose rules hold.</param>
/// <param name="Element">Between elements.</param>
/// <param name="Component">Between the components of an element.</param>
/// <param name="Repetition">Between repetitions of an element; 0: there are none.</param>
/// <param name="Release">Makes the next byte an ordinary one; 0: there is none, as in X12.</param>
/// <param name="Terminator">After a segment.</param>
/// <param name="DecimalMark">The point or comma of numbers.</param>
public readonly record struct EdiDelimiters(EdiSyntax Syntax, byte Element, byte Component, byte Repetition, byte Release, byte Terminator, byte DecimalMark)
{
    /// <summary>What X12 interchanges that are written here use.</summary>
    public static EdiDelimiters X12 { get; } = new(EdiSyntax.X12, (byte)'*', (byte)'>', 0, 0, (byte)'~', (byte)'.');

    /// <summary>What EDIFACT uses where no UNA says otherwise.</summary>
    public static EdiDelimiters Edifact { get; } = new(EdiSyntax.Edifact, (byte)'+', (byte)':', 0, (byte)'?', (byte)'\'', (byte)'.');

    /// <summary>Whether a byte may not stand in data as it is.</summary>
    public bool IsService(byte one) =>
        one == Element || one == Component || one == Terminator || (Release != 0 && one == Release) || (Repetition != 0 && one == Repetition);

    /// <summary>Whether delimiters can do their work: all different, none a letter, digit or space.</summary>
    public bool AreUsable
    {
        get
        {
            Span<byte> all = [Element, Component, Terminator, Release, Repetition];
            for (var i = 0; i < all.Length; i++)
            {
                if (all[i] == 0)
                {
                    if (i < 3)
                        return false;
                    continue;
                }

                if (char.IsAsciiLetterOrDigit((char)all[i]) || all[i] == ' ' || all[i] >= 0x80 || all[..i].Contains(all[i]))
                    return false;
            }

            return true;
        }
    }
}
