namespace Caravan.Engines.Routing;
public static class Tune
{
    public static double Hot = 0.5, Cold = 0.005, Removed = 10, StrMax = 10, Open = 0, Close = 0, Kn = 40, Blink = 0.01, Bias = 0, Disc = 1, Disc2 = 1;
}
