using System.Globalization;
using Caravan.Platform.Screens;

namespace Caravan.Fulfilment;

/// <summary>
/// What the last tap did, as a page says it after the redirect. It travels in the address as a short code
/// (<c>picked.3.2</c>: two of line 3), never as text, so that no link can put words into our mouth.
/// </summary>
/// <param name="Tone">How it went.</param>
/// <param name="Words">In a sentence.</param>
public sealed record PickWord(Tone Tone, string Words)
{
    /// <summary>The code of an outcome.</summary>
    internal static string CodeOf(PickOutcome outcome, PickAct act) => outcome switch
    {
        PickOutcome.Done { Moves: [var move, ..] } when act == PickAct.Picked => Code("picked", move.Line, move.Units),
        PickOutcome.Done { Moves: [var move, ..] } done when act == PickAct.Short => Code("short", move.Units, done.FoundElsewhere),
        PickOutcome.Done => act == PickAct.Packed ? "packed" : "handed",
        PickOutcome.Refused refused => Code("no", (int)refused.Why, refused.Left ?? 0),
        _ => "",
    };

    /// <summary>The words of a code; none for a code that is not ours.</summary>
    internal static PickWord? Of(string? said, PickList? list)
    {
        if (said?.Split('.') is not { Length: 1 or 3 } parts)
            return null;

        var numbers = parts[1..].Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).ToArray();
        return (parts[0], numbers) switch
        {
            ("picked", [var line, var units]) => new PickWord(Tone.Good, $"Picked {units} × {list?.Lines.FirstOrDefault(one => one.Line == line)?.Name ?? "item"}"),
            ("short", [var units, 0]) => new PickWord(Tone.Warn, $"{units} not on the shelf. No other location has them; the seller is told."),
            ("short", [var units, var found]) => new PickWord(Tone.Good, found == units ? $"{units} not on the shelf. Another location picks them." : $"{units} not on the shelf. Other locations pick {found} of them."),
            ("packed", _) => new PickWord(Tone.Good, list is { IsCollectedHere: true } ? "Packed. It waits here for the customer." : "Packed. The courier is told."),
            ("handed", _) => new PickWord(Tone.Good, "Handed over. Thank you."),
            ("no", [var why, var left]) => OfRefusal((PickRefusal)why, left),
            _ => null,
        };
    }

    private static PickWord? OfRefusal(PickRefusal why, int left) => why switch
    {
        PickRefusal.NoSuchLine => new PickWord(Tone.Warn, "This line is no longer on the list."),
        PickRefusal.NotOnList => new PickWord(Tone.Bad, "Not on this list. Put it back on the shelf."),
        PickRefusal.TooMany => new PickWord(Tone.Bad, left == 0 ? "All of it is picked already. Put it back on the shelf." : $"Only {left} left to pick."),
        PickRefusal.NotOpen => new PickWord(Tone.Warn, "This list is packed or closed already."),
        PickRefusal.NotAllPicked => new PickWord(Tone.Warn, $"{left} left to pick. Pick them, or say that they are not on the shelf."),
        PickRefusal.NotHere => new PickWord(Tone.Warn, "There is nothing to hand over for this order here and now."),
        PickRefusal.WrongCode => new PickWord(Tone.Bad, $"Not the customer's code. {left} tries left."),
        PickRefusal.CodeLocked => new PickWord(Tone.Bad, "Five wrong codes. Check who the customer is, and say why you hand it over."),
        PickRefusal.NotLocked => new PickWord(Tone.Warn, "Ask for the customer's code first."),
        PickRefusal.LotUnknown => new PickWord(Tone.Bad, "The book knows no such lot here. Look at the pack again, or have the lot counted."),
        PickRefusal.LotHeld => new PickWord(Tone.Bad, "This lot is held. Leave it where it is and take another."),
        PickRefusal.LotExpired => new PickWord(Tone.Bad, "This lot is too old for this customer. Leave it where it is and take another."),
        PickRefusal.LotNotNext => new PickWord(Tone.Bad, "Another lot expires sooner and must go first."),
        PickRefusal.NoSubstitute => new PickWord(Tone.Bad, "The customer wants nothing instead. Say that it is not on the shelf."),
        PickRefusal.NotASubstitute => new PickWord(Tone.Bad, "This may not go instead of that. Put it back on the shelf."),
        PickRefusal.SubstituteOut => new PickWord(Tone.Bad, "The book has none of it here that may be sold. Put in something else, or have it counted."),
        PickRefusal.NoLotGood => new PickWord(Tone.Bad, left == 0 ? "What lies here is held or too old. Say that it is not on the shelf." : $"Only {left} of what lies here may go. Pick them, and say that the others are not on the shelf."),
        _ => null,
    };

    private static string Code(string word, int first, int second) => string.Create(CultureInfo.InvariantCulture, $"{word}.{first}.{second}");
}
