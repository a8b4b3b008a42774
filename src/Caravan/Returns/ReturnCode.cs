using System.Buffers.Binary;

namespace Caravan.Returns;

/// <summary>
/// The code of a return, as a customer shows it: ten characters without those that are mistaken for others (Crockford's base 32 in
/// capitals), in two groups: <c>7K3F9-QX2M1</c>. It is cut from the chance in the return's id.
/// </summary>
internal static class ReturnCode
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Half = 5;

    public static string Of(ReturnId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        var chance = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        Span<char> code = stackalloc char[(2 * Half) + 1];
        for (var i = code.Length - 1; i >= 0; i--)
        {
            code[i] = i == Half ? '-' : Alphabet[(int)(chance & 31)];
            chance = i == Half ? chance : chance >> 5;
        }

        return new string(code);
    }

    /// <summary>What somebody typed, as codes are kept; null when it can be none.</summary>
    public static string? Read(string typed)
    {
        var letters = string.Concat(typed.ToUpperInvariant().Select(letter => letter switch { 'O' => '0', 'I' or 'L' => '1', _ => letter }).Where(Alphabet.Contains));
        return letters.Length == 2 * Half ? $"{letters[..Half]}-{letters[Half..]}" : null;
    }
}
