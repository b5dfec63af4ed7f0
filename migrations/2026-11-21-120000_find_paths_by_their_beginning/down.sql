drop index log_texts_beginning_idx;
