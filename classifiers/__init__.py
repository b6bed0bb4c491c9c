"""What is it about: texts of citizens -> areas (责任清单事项), with how sure we are, or "ask a person" (拿不准).

From the bottom to the top; a file imports only what stands above it in this list:

    errors        what this package refuses
    text          normalise, mask, digest; the operator's own routing request
    veil          numbers and names of persons veiled for a reader
    danger_scores how much a text sounds like danger
    signals       kind of request, watch lists: words, not learned
    danger        is somebody in danger now: words and counter-words of the city
    danger_training   sentences of many voices -> danger_scores
    taxonomy      the areas, their codes and editions
    succession    from one edition of the areas to the next: what became of old codes
    samples       labelled texts, split by time
    features      text -> words and characters -> sparse rows
    habit         which unit usually had it, by area and place: counts
    agreement     near-duplicates that were routed elsewhere teach less
    calibration   margins -> honest confidence; the threshold of "ask a person"
    model         what was learned, its card; to and from bytes
    inference     text -> guesses, with the words that decided
    units         who usually has it: what is asked beside the words, and the answer in words
    evaluation    how good, by area and over all
    training      samples -> model (the only file that needs scikit-learn)
    unit_training the same for units
    gate          champion against challenger on the newest month
    drift         does the model still fit what people call about
    duplicates    is it the same matter? which ticket numbers does a text quote?
    signatures    a few numbers that stand for a text: what alike texts share
    likeness      how alike: words x metres x hours, ranked, with reasons
    grouping      texts in groups that say alike
    topics        hot topics: many alike, near, soon
    replies       what a reviewer would send a reply back for

Pure: no clock, no files, no SQL, no HTTP; a model travels as bytes.
"""
