using System.Buffers;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;

namespace FedLab.Federation.Scoring;

/// <summary>A question to a source: for one of its records, which of these rows go left.</summary>
/// <param name="Record">The record.</param>
/// <param name="Rows">Rows of the table to be scored, ascending.</param>
internal readonly record struct RecordQuestion(int Record, int[] Rows);

/// <summary>The sealed messages of joint scoring. A source answers one bit a row and record, never a value.</summary>
internal static class ScoreMessages
{
    private const int MaximumQuestions = 1 << 22;

    /// <summary>A request; no questions at all mean that the scoring is over.</summary>
    public static PayloadBuffer Write(IReadOnlyCollection<RecordQuestion> questions)
    {
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        writer.Int32(questions.Count);
        foreach (var question in questions)
        {
            writer.VarInt((uint)question.Record);
            writer.AscendingRows(question.Rows);
        }
        return payload;
    }

    public static List<RecordQuestion> Read(ReadOnlySequence<byte> payload, int records, int rows)
    {
        var reader = new MessageReader(payload, LabMessages.MessageNamed(Steps.ScoreRequest.Name));
        var count = reader.Int32(0, MaximumQuestions, "questions");
        var questions = new List<RecordQuestion>();
        for (var i = 0; i < count; i++)
        {
            var record = reader.VarInt();
            if (record >= (uint)records) throw ProtocolErrors.ScoreRecordUnknown(record, records);
            questions.Add(new RecordQuestion((int)record, reader.AscendingRows(rows)));
        }
        reader.End();
        return questions;
    }

    public static PayloadBuffer WriteAnswers(IEnumerable<bool[]> answers)
    {
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        foreach (var answer in answers) writer.Bits(answer);
        return payload;
    }

    public static List<bool[]> ReadAnswers(ReadOnlySequence<byte> payload, IReadOnlyCollection<RecordQuestion> questions, string source)
    {
        var reader = new MessageReader(payload, LabMessages.MessageOf(Steps.ScoreAnswer.Name, source));
        var answers = new List<bool[]>(questions.Count);
        foreach (var question in questions) answers.Add(reader.Bits(question.Rows.Length));
        reader.End();
        return answers;
    }
}
