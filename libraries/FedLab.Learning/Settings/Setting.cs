using System.Globalization;

namespace FedLab.Learning;

/// <summary>One setting of a learner: its name, its range, and how it is spelled.</summary>
/// <typeparam name="T">The record that holds the value.</typeparam>
internal abstract record Setting<T>(string Name)
{
    protected abstract string Range { get; }

    public abstract void Check(T parameters);

    public abstract T Read(T parameters, string value);

    public abstract string Write(T parameters);

    protected LearningException Malformed(string value) => Messages.SettingNotANumber(Name, SettingText.Shorten(value), Range);

    protected LearningException OutOfRange(string value) => Messages.SettingOutOfRange(Name, value, Range);
}

internal sealed record IntegerSetting<T>(string Name, int Low, int High, Func<T, int> Get, Func<T, int, T> Set) : Setting<T>(Name)
{
    protected override string Range => Messages.IntegerRange(Low.ToString(CultureInfo.InvariantCulture), High.ToString(CultureInfo.InvariantCulture));

    public override void Check(T parameters)
    {
        if (Get(parameters) < Low || Get(parameters) > High)
            throw OutOfRange(Write(parameters));
    }

    public override T Read(T parameters, string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? Set(parameters, number) : throw Malformed(value);

    public override string Write(T parameters) => Get(parameters).ToString(CultureInfo.InvariantCulture);
}

internal sealed record NumberSetting<T>(string Name, double Low, double High, bool ExcludesLow, Func<T, double> Get, Func<T, double, T> Set) : Setting<T>(Name)
{
    protected override string Range => ExcludesLow
        ? Messages.NumberRangeAbove(SettingText.Format(Low), SettingText.Format(High))
        : Messages.NumberRange(SettingText.Format(Low), SettingText.Format(High));

    public override void Check(T parameters)
    {
        var value = Get(parameters);
        if (!(value <= High && (ExcludesLow ? value > Low : value >= Low)))
            throw OutOfRange(Write(parameters));
    }

    // Adding 0 turns −0 into 0, so that equal settings have equal spellings.
    public override T Read(T parameters, string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Set(parameters, number + 0.0) : throw Malformed(value);

    public override string Write(T parameters) => SettingText.Format(Get(parameters));
}

/// <summary>A setting whose values are words.</summary>
/// <param name="Name">The setting's name.</param>
/// <param name="Words">Each value's word; the first of a value is how it is written.</param>
/// <param name="Get">Reads the value.</param>
/// <param name="Set">Sets the value.</param>
internal sealed record ChoiceSetting<T, TValue>(string Name, IReadOnlyList<(string Word, TValue Value)> Words, Func<T, TValue> Get, Func<T, TValue, T> Set) : Setting<T>(Name)
    where TValue : struct, Enum
{
    protected override string Range => string.Join(", ", Words.Select(word => word.Word));

    public override void Check(T parameters)
    {
        if (!Words.Any(word => word.Value.Equals(Get(parameters))))
            throw Messages.SettingNotAChoice(Name, Get(parameters).ToString(), Range);
    }

    public override T Read(T parameters, string value)
    {
        foreach (var (word, known) in Words)
        {
            if (word.Equals(value, StringComparison.Ordinal))
                return Set(parameters, known);
        }

        throw Messages.SettingNotAChoice(Name, SettingText.Shorten(value), Range);
    }

    public override string Write(T parameters) => Words.First(word => word.Value.Equals(Get(parameters))).Word;
}
