"""Lessons: a question, live data that answer it, and what to look for."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from components.predicting import follow_run, pending_run, show_last_failure, start_run
from synthome.query.designs import Design, DesignCondition
from synthome.query.examples import EXAMPLES
from synthome.query.vocabulary import BULK, MEAN_ESTIMATION, SAMPLE_GENERATION

__all__ = ["LESSONS", "lessons_panel"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson. ``question`` is asked before, ``look`` says where to look after, ``answer`` what is to be seen."""

    slug: str
    title: str
    minutes: int
    question: str
    look: str
    answer: str
    design: Design


def _tissues(*terms: str, num_samples: int) -> tuple[DesignCondition, ...]:
    return tuple(
        DesignCondition({"tissue_ontology_id": term, "sample_type": "primary tissue"}, num_samples) for term in terms
    )


LESSONS = (
    Lesson(
        "pca",
        "What does PCA show?",
        10,
        "Four organs, six samples each. Nobody tells the PCA which sample is from which organ. "
        "Will it find them? Which two organs will lie closest together?",
        "Results, tab PCA: count the clouds. Then colour by nothing you know and see whether you still find them.",
        "PCA looks for the directions in which samples differ most. Organs differ in thousands of genes at once, "
        "individuals of one organ in far fewer, so the organs fall apart first. The share of variance on each axis "
        "says how much of all differences that axis shows.",
        Design(
            _tissues("UBERON:0002107", "UBERON:0002113", "UBERON:0000955", "UBERON:0001134", num_samples=6),
            BULK,
            SAMPLE_GENERATION,
            seed=7,
            title="Lesson: what PCA shows",
        ),
    ),
    Lesson(
        "sex",
        "How many genes make a sex?",
        10,
        "Blood of ten women and ten men. How many genes will tell them apart, and where do they lie?",
        "Results, tab Heatmap: find the rows that split the columns in two, and look up their chromosome.",
        "A handful: XIST, which silences the second X chromosome in women, and genes of the Y chromosome in men. "
        "Most genes vary more between two people than between the sexes.",
        EXAMPLES[1].design,
    ),
    Lesson(
        "mean",
        "Mean or sample?",
        5,
        "Eight livers, asked for with mean estimation and mean latents. How different will they be?",
        "Results, tab Data: compare two rows. Then redesign with “Sample generation” and compare again.",
        "They are identical: the mean latents leave the average individual, and mean estimation leaves out the noise "
        "of counting. Sampling latents brings back differences between people, sample generation those of the "
        "measurement.",
        Design(
            _tissues("UBERON:0002107", num_samples=8),
            BULK,
            MEAN_ESTIMATION,
            deterministic_latents=True,
            seed=7,
            title="Lesson: mean or sample",
        ),
    ),
)


def lessons_panel() -> None:
    """One card a lesson."""
    waiting = pending_run() is not None
    with st.grid(len(LESSONS), min_column_width=300):
        for lesson in LESSONS:
            with st.container(border=True, height="stretch"):
                st.markdown(f"**{lesson.title}**  \n:small[about {lesson.minutes} minutes]")
                st.markdown(lesson.question)
                st.button(
                    "Make the data",
                    key=f"lesson:{lesson.slug}",
                    icon=":material/play_arrow:",
                    disabled=waiting,
                    on_click=start_run,
                    args=(lesson.design,),
                )
                with st.expander("Where to look", icon=":material/visibility:"):
                    st.markdown(lesson.look)
                with st.expander("The answer", icon=":material/key:"):
                    st.markdown(lesson.answer)
    follow_run()
    show_last_failure()
